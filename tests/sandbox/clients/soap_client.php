<?php
// PHP's own SoapClient, asked for what a stranger's integration asks for first. Reads its settings as JSON on standard
// input, prints what it got as JSON.

$at = json_decode(stream_get_contents(STDIN), true);

function service(array $at, string $path, ?string $session): SoapClient
{
    $client = new SoapClient("$path?wsdl", [
        'soap_version' => $at['soap_12'] ? SOAP_1_2 : SOAP_1_1,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'exceptions' => true,
    ]);
    if ($session !== null) {
        $client->__setCookie('ASP.NET_SessionId', $session);
    }
    return $client;
}

$session = service($at, $at['authenticate'], null)->Login(['credential' => $at['credential']])->LoginResult;
$who = service($at, $at['authenticate'], $session);
$identities = $who->GetIdentities()->GetIdentitiesResult->Identity;
$changed = $who->SetIdentityById(['identityId' => $identities[0]->Id])->SetIdentityByIdResult;

$companies = service($at, $at['company'], $session)->GetCompanies([
    'searchParams' => ['CompanyName' => '%'],
    'returnProperties' => ['string' => ['Id', 'Name']],
])->GetCompaniesResult->Company;

$invoices = service($at, $at['invoice'], $session);
$saved = $invoices->SaveInvoices(['invoices' => ['InvoiceOrder' => [$at['order']]]])->SaveInvoicesResult->InvoiceOrder[0];
$read = $invoices->GetInvoices([
    'searchParams' => ['OrderIds' => ['int' => [$saved->OrderId]]],
    'invoiceReturnProperties' => ['string' => ['OrderId', 'ReferenceNumber', 'OrderTotalIncVat', 'DateOrdered', 'InvoiceRows']],
    'rowReturnProperties' => ['string' => ['Name', 'Quantity']],
])->GetInvoicesResult->InvoiceOrder[0];

$lines = service($at, $at['transaction'], $session)->GetTransactions(['searchParams' => $at['lines']]);
$projects = service($at, $at['project'], $session)->GetProjectList(['Ps' => []]);
$one = service($at, $at['project'], $session)->GetSingleProject(['projectId' => $at['project_id']]);
$accounts = service($at, $at['account'], $session)->GetAccountList()->GetAccountListResult->AccountData;

echo json_encode([
    'has_session' => $who->HasSession()->HasSessionResult,
    'identity' => $identities[0]->Id,
    'identity_set' => $changed,
    'companies' => array_map(fn ($company) => $company->Name, $companies),
    'order' => [
        'id' => $read->OrderId,
        'reference' => $read->ReferenceNumber,
        'total' => (string) $read->OrderTotalIncVat,
        'day' => $read->DateOrdered,
        'rows' => array_map(fn ($row) => $row->Name, $read->InvoiceRows->InvoiceRow),
    ],
    'amounts' => array_map(fn ($line) => (string) $line->Amount, $lines->GetTransactionsResult->Transaction),
    'projects' => array_map(fn ($project) => $project->Id, $projects->GetProjectListResult->Project),
    'project' => $one->GetSingleProjectResult->Name,
    'accounts' => array_map(fn ($account) => $account->AccountNo, $accounts),
]);
