// node's `soap`, asked for what a stranger's integration asks for first. Reads its settings as JSON on standard input,
// prints what it got as JSON.

const soap = require("soap");

async function service(path, session) {
  const client = await soap.createClientAsync(`${path}?wsdl`);
  client.setEndpoint(path);
  if (session) client.addHttpHeader("Cookie", `ASP.NET_SessionId=${session}`);
  return async (operation, members) => (await client[`${operation}Async`](members ?? {}))[0];
}

async function main(at) {
  const session = (await (await service(at.authenticate))("Login", { credential: at.credential })).LoginResult;
  const who = await service(at.authenticate, session);
  const identity = (await who("GetIdentities")).GetIdentitiesResult.Identity[0].Id;
  const company = await service(at.company, session);
  const companies = await company("GetCompanies", {
    searchParams: { CompanyName: "%" },
    returnProperties: { string: ["Id", "Name"] },
  });
  const invoice = await service(at.invoice, session);
  const saved = (await invoice("SaveInvoices", { invoices: { InvoiceOrder: [at.order] } })).SaveInvoicesResult;
  const search = (ids) => ({
    searchParams: { OrderIds: ids },
    invoiceReturnProperties: { string: ["OrderId", "ReferenceNumber", "OrderTotalIncVat", "DateOrdered", "InvoiceRows"] },
    rowReturnProperties: { string: ["Name", "Quantity"] },
  });
  const number = saved.InvoiceOrder[0].OrderId;
  const read = (await invoice("GetInvoices", search({ int: [number] }))).GetInvoicesResult.InvoiceOrder[0];
  const plain = await invoice("GetInvoices", search([number])).catch((error) => error.message);
  const transaction = await service(at.transaction, session);
  const lines = (await transaction("GetTransactions", { searchParams: at.lines })).GetTransactionsResult.Transaction;
  const project = await service(at.project, session);
  const account = await service(at.account, session);
  const day = read.DateOrdered instanceof Date ? read.DateOrdered.toISOString() : read.DateOrdered;
  return {
    has_session: (await who("HasSession")).HasSessionResult,
    identity,
    identity_set: (await who("SetIdentityById", { identityId: identity })).SetIdentityByIdResult,
    companies: companies.GetCompaniesResult.Company.map((each) => each.Name),
    order: {
      id: number,
      reference: read.ReferenceNumber,
      total: String(read.OrderTotalIncVat),
      day,
      rows: read.InvoiceRows.InvoiceRow.map((row) => row.Name),
    },
    plain_ids: plain,
    amounts: lines.map((line) => String(line.Amount)),
    projects: (await project("GetProjectList", { Ps: {} })).GetProjectListResult.Project.map((each) => each.Id),
    project: (await project("GetSingleProject", { projectId: at.project_id })).GetSingleProjectResult.Name,
    accounts: (await account("GetAccountList")).GetAccountListResult.AccountData.map((each) => each.AccountNo),
  };
}

const input = [];
process.stdin.on("data", (piece) => input.push(piece));
process.stdin.on("end", () =>
  main(JSON.parse(Buffer.concat(input).toString("utf-8"))).then(
    (found) => console.log(JSON.stringify(found)),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  ),
);
