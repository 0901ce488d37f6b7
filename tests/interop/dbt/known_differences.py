"""The differences that are known, by their ids. One that is gone fails the test, so that the lists only shrink."""

# By project.
KNOWN = {}

# The checksum of a contract and of a snapshot in YAML; tests whose properties have tags or a configuration; what
# dbt_project.yml says of semantic models, saved queries and the metrics that measures stand for.
KNOWN_IN_MANIFESTS = {
    "metric.described.order_total config",
    "metric.described.order_total meta",
    "model.artefacts.first contract",
    "model.governance.broken_constraint contract",
    "model.governance.ledger.v1 contract",
    "model.governance.ledger.v2 contract",
    "model.governance.wrong_contract contract",
    "saved_query.described.by_day unrendered_config",
    "semantic_model.described.items unrendered_config",
    "semantic_model.described.orders unrendered_config",
    "snapshot.artefacts.snap checksum",
    "test.layout.unique_facts_code.81c5c6fd46 config tags",
    "test.layout.unique_facts_code.81c5c6fd46 raw_code",
}
