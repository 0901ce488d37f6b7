// What node-postgres gets from the server at an address: one JSON object, whose entries are compared with another server's.
import { createRequire } from "node:module";

const load = createRequire(`${process.env.SMELT_NODE_CLIENTS}/`);
const pg = load("pg");
const Cursor = load("pg-cursor");
const QueryStream = load("pg-query-stream");

const client = new pg.Client({ connectionString: process.argv[2] });
const answers = {};

// Rows, names and types of columns, command and count; of an error its code and severity. The scale of numbers is left
// out: the lake knows it of expressions, too.
async function ask(name, ...query) {
  try {
    const results = [await client.query(...query)].flat();
    answers[name] = results.map(({ command, rowCount, rows, fields }) => {
      return { command, rowCount, rows, fields: fields.map(({ name, dataTypeID }) => [name, dataTypeID]) };
    });
  } catch (error) {
    if (!error.code) throw error;
    answers[name] = { code: error.code, severity: error.severity };
  }
}

await client.connect();
await ask("all types", "select * from sales.orders order by order_id");
await ask("all types, binary", { text: "select order_id, price, paid, weight from sales.orders order by 1", binary: true });
await ask("arrays of rows", { text: "select name from people order by name", rowMode: "array" });
await ask("parameters", "select order_id, price from sales.orders where order_id = $1 and day = $2", [1, "2024-02-29"]);
await ask("a list", "select order_id from sales.orders where order_id = any($1::bigint[]) order by 1", [[1, 2, 7]]);
await ask("values", "select $1::int as i, $2::text as t, $3::numeric as n, $4::boolean as b, $5::text[] as a, $6::timestamptz as z", [
  7, "é'\"", "1.50", true, ["a", null, 'b"c'], new Date(Date.UTC(2024, 1, 29)),
]);
for (const number of [1, 2]) {
  await ask(`named ${number}`, { name: "by-number", text: "select customer from sales.orders where order_id = $1", values: [number] });
}
await ask("several", "select 1 as one; select 2 as two, 'x' as x");
await ask("nothing", "");
await ask("expressions", "select count(*), coalesce(min(customer), '-'), max(pieces), sum(pieces), sum(price) as total, avg(price), 7 / 2, 7 / 2.0, 1 + 1 from sales.orders");
await ask("division by zero", "select 1 / 0");
await ask("arithmetic of parameters", "select $1 / 2 as half, $2::int / 2 as other, price / $3 as part from sales.orders where pieces / $4 = 1", [7, 7, 2, 2]);
await ask("syntax", "selec 1");
await ask("missing table", "select * from nowhere");
await ask("missing column", "select nothing from people");
await ask("begin", "begin");
await ask("insert", "insert into people values ($1, $2)", ["Bea", "2001-02-03"]);
await ask("error within", "select * from nowhere");
await ask("after the error", "select 1 as one");
await ask("rollback", "rollback");
await ask("count", "select count(*) as n from people");
await ask("listen", "listen changes");
await ask("unlisten", "unlisten *");
await ask("discard", "discard all");

const cursor = client.query(new Cursor("select i from generate_series(1, 5) t(i)"));
answers.cursor = [await cursor.read(2), await cursor.read(2), await cursor.read(2), await cursor.read(2)];
await cursor.close();

answers.stream = [];
const stream = client.query(new QueryStream("select i::int as i from generate_series(1, $1::int) t(i)", [250], { batchSize: 100 }));
for await (const row of stream) answers.stream.push(row.i);
await client.end();

const pool = new pg.Pool({ connectionString: process.argv[2], max: 3 });
const asked = [1, 2, 3, 4, 5, 6].map((i) => pool.query("select $1::int * 2 as twice", [i]));
answers.pool = (await Promise.all(asked)).map(({ rows }) => rows[0].twice);
await pool.end();

process.stdout.write(JSON.stringify(answers));
