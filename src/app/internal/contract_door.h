#pragma once

#include "app/internal/project.h"
#include "base/error.h"
#include "ingest/source.h"
#include "quality/contract_gate.h"

namespace smelt::app {

/// The gate that a project's contracts make. Errors: those of LoadContracts.
Result<quality::ContractGate> LoadContractGate(const ProjectConfig& project);

/// Holds rows at the door against the project's contracts of the tables that they are loaded into: what a contract
/// requires of values (required, bounds, lengths, patterns, valid values) becomes part of the source's own checks, so
/// that rows which break it go to quarantine. What is promised of the table as a whole is not for the door. Contracts
/// that are proposed, drafts or retired change nothing. The function fails, naming the contract's file and line, when
/// a source does not deliver a column that is promised, or one of another type.
ingest::SharpenSources HoldToContracts(const ProjectConfig& project);

}  // namespace smelt::app
