CREATE SCHEMA qondor_finago_ledger;
CREATE FUNCTION qondor_finago_ledger.events_are_only_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'events are only ever added'; END $$;
CREATE TABLE qondor_finago_ledger.actuals (
    office_id bigint NOT NULL,
    kind text NOT NULL,
    number bigint NOT NULL,
    type_id bigint NOT NULL,
    fiscal_year integer NOT NULL,
    finago_project_id bigint NOT NULL,
    client_id bigint NOT NULL,
    qondor_id bigint NOT NULL,
    project_id bigint NOT NULL,
    posting_day date NOT NULL,
    amount_excluding_vat numeric NOT NULL,
    vat numeric NOT NULL,
    currency text NOT NULL,
    is_paid boolean NOT NULL,
    paid_date date,
    content_hash text NOT NULL,
    verified boolean NOT NULL,
    written_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.adoption_orders (
    client_id bigint NOT NULL,
    order_id bigint NOT NULL,
    reference text NOT NULL,
    left_to_queue_at timestamp with time zone
);
CREATE TABLE qondor_finago_ledger.adoptions (
    client_id bigint NOT NULL,
    kind text NOT NULL,
    completed_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE qondor_finago_ledger.alerts (
    id bigint NOT NULL,
    office_id bigint NOT NULL,
    flow text NOT NULL,
    cause text NOT NULL,
    record text NOT NULL,
    message text NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    count integer NOT NULL,
    sent_at timestamp with time zone,
    resolved_at timestamp with time zone,
    first_day date,
    day date,
    run_id text,
    resolved_because text,
    resolution_sent_at timestamp with time zone,
    claimed_by text,
    claimed_until timestamp with time zone
);
CREATE SEQUENCE qondor_finago_ledger.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE qondor_finago_ledger.alerts_id_seq OWNED BY qondor_finago_ledger.alerts.id;
CREATE TABLE qondor_finago_ledger.call_budgets (
    system text NOT NULL,
    next_slot bigint NOT NULL,
    hour bigint NOT NULL,
    calls_in_hour bigint NOT NULL,
    observed_remaining bigint,
    observed_until bigint,
    blocked_until bigint,
    blocked_why text
);
CREATE TABLE qondor_finago_ledger.company_links (
    client_id bigint NOT NULL,
    key text NOT NULL,
    company_id bigint NOT NULL,
    office_id bigint NOT NULL,
    linked_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.confirmations (
    client_id bigint NOT NULL,
    confirmed_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.credentials (
    credential_key text NOT NULL,
    client_id bigint NOT NULL,
    learned_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.events (
    id bigint NOT NULL,
    office_id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    event text NOT NULL,
    at timestamp with time zone NOT NULL,
    run_id text,
    detail text
);
CREATE SEQUENCE qondor_finago_ledger.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE qondor_finago_ledger.events_id_seq OWNED BY qondor_finago_ledger.events.id;
CREATE TABLE qondor_finago_ledger.installation (
    id integer NOT NULL,
    installation_id text NOT NULL,
    CONSTRAINT ck_installation_ck_installation_only_one CHECK ((id = 1))
);
CREATE TABLE qondor_finago_ledger.intents (
    id bigint NOT NULL,
    client_id bigint NOT NULL,
    office_id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload_hash text NOT NULL,
    expected text NOT NULL,
    committed_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    lookups integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    detail text
);
CREATE SEQUENCE qondor_finago_ledger.intents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE qondor_finago_ledger.intents_id_seq OWNED BY qondor_finago_ledger.intents.id;
CREATE TABLE qondor_finago_ledger.judged_vouchers (
    office_id bigint NOT NULL,
    number bigint NOT NULL,
    type_id bigint NOT NULL,
    fiscal_year integer NOT NULL,
    seen bytea NOT NULL,
    judged_with text NOT NULL,
    changed_on date,
    judged_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.leases (
    lane text NOT NULL,
    fence bigint NOT NULL,
    holder text,
    expires_at timestamp with time zone
);
CREATE TABLE qondor_finago_ledger.ledger_readings (
    office_id bigint NOT NULL,
    read_until timestamp with time zone,
    swept_at timestamp with time zone
);
CREATE TABLE qondor_finago_ledger.listed_projects (
    office_id bigint NOT NULL,
    project_id bigint NOT NULL,
    listed_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.offices (
    office_id bigint NOT NULL,
    client_id bigint NOT NULL,
    learned_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.order_links (
    invoice_id bigint NOT NULL,
    client_id bigint NOT NULL,
    office_id bigint NOT NULL,
    order_id bigint NOT NULL,
    total numeric NOT NULL,
    currency text NOT NULL,
    order_date date NOT NULL,
    line_count integer NOT NULL,
    to_be_invoiced boolean NOT NULL,
    exact boolean NOT NULL,
    factored boolean NOT NULL,
    is_card boolean NOT NULL,
    is_credit boolean NOT NULL,
    credited_invoice_id bigint,
    invoice_number bigint,
    linked_at timestamp with time zone NOT NULL,
    verified_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    paid_on date,
    payment_reported_at timestamp with time zone,
    payment_asked_at timestamp with time zone
);
CREATE TABLE qondor_finago_ledger.project_links (
    client_id bigint NOT NULL,
    project_id bigint NOT NULL,
    finago_project_id bigint NOT NULL,
    office_id bigint NOT NULL,
    linked_at timestamp with time zone NOT NULL
);
CREATE TABLE qondor_finago_ledger.runs (
    run_id text NOT NULL,
    office_id bigint NOT NULL,
    flow text NOT NULL,
    day date NOT NULL,
    trigger text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    complete boolean,
    result text
);
CREATE TABLE qondor_finago_ledger.sessions (
    credential_key text NOT NULL,
    version bigint NOT NULL,
    ciphertext bytea,
    stored_at timestamp with time zone,
    refused_for text,
    refused_message text,
    login_holder text,
    login_until timestamp with time zone
);
CREATE TABLE qondor_finago_ledger.standings (
    office_id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    reason text,
    message text NOT NULL,
    remedy text NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    run_id text NOT NULL,
    content_hash text
);
CREATE TABLE qondor_finago_ledger.voucher_lines (
    office_id bigint NOT NULL,
    line_id text NOT NULL,
    number bigint NOT NULL,
    type_id bigint NOT NULL,
    fiscal_year integer NOT NULL
);
CREATE TABLE qondor_finago_ledger.watched_flows (
    office_id bigint NOT NULL,
    flow text NOT NULL,
    since timestamp with time zone NOT NULL
);
ALTER TABLE ONLY qondor_finago_ledger.alerts ALTER COLUMN id SET DEFAULT nextval('qondor_finago_ledger.alerts_id_seq'::regclass);
ALTER TABLE ONLY qondor_finago_ledger.events ALTER COLUMN id SET DEFAULT nextval('qondor_finago_ledger.events_id_seq'::regclass);
ALTER TABLE ONLY qondor_finago_ledger.intents ALTER COLUMN id SET DEFAULT nextval('qondor_finago_ledger.intents_id_seq'::regclass);
INSERT INTO qondor_finago_ledger.actuals VALUES
(102, 'cost', 20001, 3, 2026, 12345, 50102, 31, 555, '2026-11-20', 33.33, 8.33, 'NOK', false, NULL, 'd699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331', true, '2026-11-20 09:00:03.305+00'),
(102, 'cost', 20001, 3, 2026, 12346, 50102, 32, 556, '2026-11-20', 66.68, 16.67, 'NOK', false, NULL, '883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f', true, '2026-11-20 09:00:03.31+00'),
(102, 'cost', 20002, 3, 2026, 12346, 50102, 33, 556, '2026-11-20', -800.00, -200.00, 'NOK', false, NULL, '209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486', true, '2026-11-20 09:00:03.315+00'),
(102, 'cost', 20004, 3, 2026, 12345, 50102, 34, 555, '2026-11-18', 8000.00, 2000.00, 'NOK', true, '2026-11-20', 'f488958f2f743af80b1a0102348334bcbb4ee0792c4a04909a36bb171aacb5d4', true, '2026-11-20 10:15:08.87+00'),
(102, 'cost', 20005, 3, 2026, 12346, 50102, 36, 556, '2026-11-20', 640.00, 160.00, 'NOK', false, NULL, 'a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6', true, '2026-11-20 10:00:06.995+00'),
(102, 'sale', 20001, 1, 2026, 12345, 50102, 31, 555, '2026-11-20', 10000.00, 2500.00, 'NOK', false, NULL, 'c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d', true, '2026-11-20 09:00:03.3+00');
INSERT INTO qondor_finago_ledger.adoption_orders VALUES
(50102, 40013, '9103', '2026-11-20 09:00:02.66+00');
INSERT INTO qondor_finago_ledger.adoptions VALUES
(50102, 'order', '2026-11-20 09:00:02+00'),
(50103, 'order', '2026-11-20 09:00:00.1+00');
INSERT INTO qondor_finago_ledger.alembic_version VALUES
('0004');
INSERT INTO qondor_finago_ledger.alerts VALUES
(1, 103, 'invoices', 'no project', '9202', 'customer offer invoice 9202 (2026-09202) failed in Qondor: Invoice 9202 is not linked to a project. Every invoice needs a project: delete it in Qondor, link it to one and issue it again.', '2026-11-20 09:00:01.005+00', '2026-11-20 09:00:01.005+00', 1, NULL, '2026-11-20 09:00:02.7+00', NULL, '2026-11-20', 'run-1', NULL, NULL, NULL, NULL),
(2, 102, 'customers-and-projects', 'invalid customer reference', 'customer 80', 'customer 80 held: Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field.', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 5, '2026-11-20 09:00:03.6+00', NULL, NULL, '2026-11-20', 'run-17', NULL, NULL, NULL, NULL),
(3, 102, 'invoices', 'waits for confirm', '9005', 'customer offer invoice 9005 (2026-09005) held: Invoice 9005 waits: the first orders sent to this Finago client have to be looked at by a person. Check them in Finago, then run `qondor-finago confirm --office 102`.', '2026-11-20 09:00:02.7+00', '2026-11-20 09:00:02.7+00', 1, '2026-11-20 09:00:03.6+00', '2026-11-20 09:05:04.865+00', NULL, '2026-11-20', 'run-4', NULL, '2026-11-20 09:05:05.265+00', NULL, NULL),
(4, 102, 'invoices', 'quarantine order 9103', '', 'Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.', '2026-11-20 09:00:02.7+00', '2026-11-20 10:17:10.935+00', 6, '2026-11-20 09:00:03.6+00', NULL, NULL, '2026-11-20', 'run-23', NULL, NULL, NULL, NULL),
(5, 102, 'costs-and-sales', 'no project in Qondor', 'voucher 2026-3-20003', 'voucher 2026-3-20003 (20003) held: Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.', '2026-11-20 09:00:03.325+00', '2026-11-20 10:17:10.335+00', 5, '2026-11-20 09:00:03.6+00', NULL, '2026-11-06', '2026-11-20', 'run-21', NULL, NULL, NULL, NULL),
(6, 102, 'costs-and-sales', 'unbalanced', 'voucher 2026-5-20001', 'voucher 2026-5-20001 held: Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.', '2026-11-20 09:00:03.325+00', '2026-11-20 10:17:10.335+00', 5, '2026-11-20 09:00:03.6+00', NULL, '2026-11-06', '2026-11-20', 'run-21', NULL, NULL, NULL, NULL),
(8, 102, 'invoices', 'Finago total differs', '9104', 'customer offer invoice 9104 (2026-09104) held: Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.', '2026-11-20 09:05:04.865+00', '2026-11-20 10:17:10.935+00', 5, '2026-11-20 09:05:05.265+00', NULL, NULL, '2026-11-20', 'run-23', NULL, NULL, NULL, NULL),
(12, 103, 'invoices', 'process died', '', 'The process of the run died: it was killed, ran out of memory, or its machine went away. What it was writing is looked up before anything is sent again, and the next run carries on. If it happens again, see to the memory and the logs of the machine.', '2026-11-20 09:05:05.265+00', '2026-11-20 09:05:05.265+00', 1, '2026-11-20 10:00:07.005+00', '2026-11-20 10:17:09.885+00', NULL, '2026-11-20', 'died', NULL, '2026-11-20 10:17:10.435+00', NULL, NULL),
(14, 102, 'invoices', 'waits for its original', '9010', 'credit note 9010 (2026-09010) held: Credit note 9010 waits for invoice 9009, which it credits. Settle that invoice; the credit note then goes by itself.', '2026-11-20 10:00:06.43+00', '2026-11-20 10:00:06.43+00', 1, '2026-11-20 10:00:07.005+00', '2026-11-20 10:15:08.37+00', NULL, '2026-11-20', 'run-12', NULL, '2026-11-20 10:15:08.87+00', NULL, NULL),
(15, 102, 'invoices', 'unknown currency', '9101', 'customer offer invoice 9101 (2026-09101) held: Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.', '2026-11-20 10:00:06.43+00', '2026-11-20 10:17:10.935+00', 4, '2026-11-20 10:00:07.005+00', NULL, NULL, '2026-11-20', 'run-23', NULL, NULL, NULL, NULL),
(20, 102, 'costs-and-sales', 'unreachable', '', 'qondor PutCost: the connection broke before the reply was complete. Nothing was lost: the next run tries again. If it stays so, check the network and the address.', '2026-11-20 10:00:07.005+00', '2026-11-20 10:00:07.005+00', 1, '2026-11-20 10:00:07.005+00', '2026-11-20 10:15:08.87+00', '2026-11-06', '2026-11-20', 'run-13', NULL, '2026-11-20 10:15:08.87+00', NULL, NULL),
(25, 102, 'invoices', 'quarantine order 9102', '', 'The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new.', '2026-11-20 10:15:08.37+00', '2026-11-20 10:17:10.935+00', 3, '2026-11-20 10:15:08.87+00', NULL, NULL, '2026-11-20', 'run-23', NULL, NULL, NULL, NULL),
(37, 102, 'invoices', 'unknown currency', '9105', 'customer offer invoice 9105 (2026-09105) held: Invoice 9105: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.', '2026-11-20 10:17:10.935+00', '2026-11-20 10:17:10.935+00', 1, NULL, NULL, NULL, '2026-11-20', 'run-23', NULL, NULL, NULL, NULL);
INSERT INTO qondor_finago_ledger.call_budgets VALUES
('finago', 1795169830985000, 1795168800000000, 115, 7085, 1795172400000000, NULL, NULL),
('qondor', 1795169830545000, 1795132800000000, 148, NULL, NULL, NULL, NULL);
INSERT INTO qondor_finago_ledger.company_links VALUES
(50102, 'consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153', 5002, 102, '2026-11-20 09:05:04.565+00'),
(50102, 'consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c', 5003, 102, '2026-11-20 09:05:04.615+00'),
(50102, 'customer:77', 4711, 102, '2026-11-20 09:00:01.5+00'),
(50102, 'customer:78', 4712, 102, '2026-11-20 09:00:01.45+00'),
(50102, 'customer:79', 5001, 102, '2026-11-20 09:00:01.55+00'),
(50102, 'customer:83', 4716, 102, '2026-11-20 09:00:01.5+00'),
(50103, 'customer:90', 5001, 103, '2026-11-20 09:00:00.75+00');
INSERT INTO qondor_finago_ledger.confirmations VALUES
(50102, '2026-11-20 09:00:03.6+00'),
(50103, '2026-11-20 09:00:03.6+00');
INSERT INTO qondor_finago_ledger.credentials VALUES
('1af9d56ff7162ad9af8eb336bf1e0a0ca20bad7a4b94e5be283b21d954d9e89c', 50102, '2026-11-20 10:17:10.435+00'),
('28d6f30421c183b336635f53f28456a9d6c50564f485052bdb8e27a9f22eb919', 50103, '2026-11-20 10:17:10.335+00');
INSERT INTO qondor_finago_ledger.events VALUES
(1, 103, 'company', 'customer:90', 'intent', '2026-11-20 09:00:00.7+00', 'run-1', '{"payload_hash":"b5e00392cd0e197e3cffe19a3d0c1b0f763b3caa17331068c0e50d4a3dcb105f"}'),
(2, 103, 'company', 'customer:90', 'landed', '2026-11-20 09:00:00.75+00', 'run-1', '{"company":5001}'),
(3, 103, 'company', 'customer:90', 'stored in Qondor', '2026-11-20 09:00:00.76+00', 'run-1', '{"company":5001}'),
(4, 103, 'project', '22345', 'intent', '2026-11-20 09:00:00.76+00', 'run-1', '{"payload_hash":"becbe0be48def6b5f5e623bf6ca649ae1c91d3c8451fae08fce1f53cdaa093de"}'),
(5, 103, 'project', '22345', 'landed', '2026-11-20 09:00:00.8+00', 'run-1', '{}'),
(6, 103, 'order', '9201', 'intent', '2026-11-20 09:00:00.8+00', 'run-1', '{"payload_hash":"dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e"}'),
(7, 103, 'order', '9201', 'landed', '2026-11-20 09:00:00.85+00', 'run-1', '{"order":50001}'),
(8, 103, 'invoicing', '9201', 'intent', '2026-11-20 09:00:00.9+00', 'run-1', '{"payload_hash":"1745e374219cea5573c99236d9824dd5ec0c886d0b35fd35ba534b6810dff33c"}'),
(9, 103, 'order', '9201', 'acknowledged', '2026-11-20 09:00:00.95+00', 'run-1', '{"order":50001}'),
(10, 103, 'order', '9201', 'paid', '2026-11-20 09:00:01+00', 'run-1', '{"day":"2026-11-19","order":50001}'),
(11, 103, 'invoices', '9201', 'settled', '2026-11-20 09:00:01.005+00', 'run-1', NULL),
(12, 103, 'invoices', '9202', 'failed', '2026-11-20 09:00:01.005+00', 'run-1', '{"reason":"no project"}'),
(13, 102, 'company', 'customer:77', 'updated', '2026-11-20 09:00:01.5+00', 'run-2', '{"company":4711,"members":["external_id","name"]}'),
(14, 102, 'company', 'customer:83', 'updated', '2026-11-20 09:00:01.5+00', 'run-2', '{"company":4716,"members":["external_id"]}'),
(15, 102, 'company', 'customer:79', 'intent', '2026-11-20 09:00:01.5+00', 'run-2', '{"payload_hash":"588d479536f0308be8ec7aa454a7169104f5410a4bcf7ebfcd100e7ea615f957"}'),
(16, 102, 'company', 'customer:79', 'landed', '2026-11-20 09:00:01.55+00', 'run-2', '{"company":5001}'),
(17, 102, 'company', 'customer:79', 'stored in Qondor', '2026-11-20 09:00:01.56+00', 'run-2', '{"company":5001}'),
(18, 102, 'company', 'customer:83', 'stored in Qondor', '2026-11-20 09:00:01.575+00', 'run-2', '{"company":4716}'),
(19, 102, 'project', '12345', 'intent', '2026-11-20 09:00:01.575+00', 'run-2', '{"payload_hash":"b945e5a3c533e41b7a58e5fcd2ac3fc9dcd40dfe6c6de8cea65ed61629865829"}'),
(20, 102, 'project', '12345', 'landed', '2026-11-20 09:00:01.6+00', 'run-2', '{}'),
(21, 102, 'project', '556', 'updated', '2026-11-20 09:00:01.65+00', 'run-2', '{"members":["end_date","name","start_date","type_id"],"project":12346}'),
(22, 102, 'project', '12347', 'intent', '2026-11-20 09:00:01.65+00', 'run-2', '{"payload_hash":"5468f0bfa5365fd8b06c3749b1ea342f77f1e25fe420dda0bd623fcf444339de"}'),
(23, 102, 'project', '12347', 'landed', '2026-11-20 09:00:01.7+00', 'run-2', '{}'),
(24, 102, 'customers-and-projects', 'customer 77', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(25, 102, 'customers-and-projects', 'customer 78', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(26, 102, 'customers-and-projects', 'customer 79', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(27, 102, 'customers-and-projects', 'customer 83', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(28, 102, 'customers-and-projects', 'customer 80', 'held', '2026-11-20 09:00:01.7+00', 'run-2', '{"reason":"invalid customer reference"}'),
(29, 102, 'customers-and-projects', 'project 555', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(30, 102, 'customers-and-projects', 'project 556', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(31, 102, 'customers-and-projects', 'project 557', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(32, 102, 'customers-and-projects', 'project 561', 'settled', '2026-11-20 09:00:01.7+00', 'run-2', NULL),
(33, 103, 'customers-and-projects', 'customer 90', 'settled', '2026-11-20 09:00:01.9+00', 'run-3', NULL),
(34, 103, 'customers-and-projects', 'project 655', 'settled', '2026-11-20 09:00:01.9+00', 'run-3', NULL),
(35, 102, 'order', '9001', 'intent', '2026-11-20 09:00:02.5+00', 'run-4', '{"payload_hash":"b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f"}'),
(36, 102, 'order', '9001', 'landed', '2026-11-20 09:00:02.55+00', 'run-4', '{"order":50001}'),
(37, 102, 'order', '9001', 'acknowledged', '2026-11-20 09:00:02.6+00', 'run-4', '{"order":50001}'),
(38, 102, 'order', '8902', 'adopted', '2026-11-20 09:00:02.655+00', 'run-4', '{"order":40012}'),
(39, 102, 'order', '8901', 'adopted', '2026-11-20 09:00:02.66+00', 'run-4', '{"order":40011}'),
(40, 102, 'invoices', '9001', 'settled', '2026-11-20 09:00:02.7+00', 'run-4', NULL),
(41, 102, 'invoices', '9005', 'held', '2026-11-20 09:00:02.7+00', 'run-4', '{"reason":"waits for confirm"}'),
(42, 102, 'invoices', '9103', 'held', '2026-11-20 09:00:02.7+00', 'run-4', '{"reason":"quarantined"}'),
(43, 102, 'sale', 'finago:102:2026-1-20001:12345', 'intent', '2026-11-20 09:00:03.3+00', 'run-6', '{"payload_hash":"c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d"}'),
(44, 102, 'sale', 'finago:102:2026-1-20001:12345', 'landed', '2026-11-20 09:00:03.3+00', 'run-6', '{"id":31}'),
(45, 102, 'cost', 'finago:102:2026-3-20001:12345', 'intent', '2026-11-20 09:00:03.3+00', 'run-6', '{"payload_hash":"d699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331"}'),
(46, 102, 'cost', 'finago:102:2026-3-20001:12345', 'landed', '2026-11-20 09:00:03.305+00', 'run-6', '{"id":31}'),
(47, 102, 'cost', 'finago:102:2026-3-20001:12346', 'intent', '2026-11-20 09:00:03.305+00', 'run-6', '{"payload_hash":"883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f"}'),
(48, 102, 'cost', 'finago:102:2026-3-20001:12346', 'landed', '2026-11-20 09:00:03.31+00', 'run-6', '{"id":32}'),
(49, 102, 'cost', 'finago:102:2026-3-20002:12346', 'intent', '2026-11-20 09:00:03.31+00', 'run-6', '{"payload_hash":"209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486"}'),
(50, 102, 'cost', 'finago:102:2026-3-20002:12346', 'landed', '2026-11-20 09:00:03.315+00', 'run-6', '{"id":33}'),
(51, 102, 'cost', 'finago:102:2026-3-20004:12345', 'intent', '2026-11-20 09:00:03.315+00', 'run-6', '{"payload_hash":"723dcb8159a5aec7987704cb78bdfdbcb1c4ef4d2236443bd1d2c2d95efc7aeb"}'),
(52, 102, 'cost', 'finago:102:2026-3-20004:12345', 'landed', '2026-11-20 09:00:03.32+00', 'run-6', '{"id":34}'),
(53, 102, 'cost', 'finago:102:2026-3-20005:12345', 'intent', '2026-11-20 09:00:03.32+00', 'run-6', '{"payload_hash":"27dce1a9998d53e267f38a2637712edb784696d2da207c640d611ad8c818727c"}'),
(54, 102, 'cost', 'finago:102:2026-3-20005:12345', 'landed', '2026-11-20 09:00:03.325+00', 'run-6', '{"id":35}'),
(55, 102, 'costs-and-sales', 'voucher 2026-1-20001', 'settled', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(56, 102, 'costs-and-sales', 'voucher 2026-3-20001', 'settled', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(57, 102, 'costs-and-sales', 'voucher 2026-3-20002', 'settled', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(58, 102, 'costs-and-sales', 'voucher 2026-3-20003', 'held', '2026-11-20 09:00:03.325+00', 'run-6', '{"reason":"no project in Qondor"}'),
(59, 102, 'costs-and-sales', 'voucher 2026-3-20004', 'settled', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(60, 102, 'costs-and-sales', 'voucher 2026-3-20005', 'settled', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(61, 102, 'costs-and-sales', 'voucher 2026-5-20001', 'held', '2026-11-20 09:00:03.325+00', 'run-6', '{"reason":"unbalanced"}'),
(62, 102, 'company', 'consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153', 'intent', '2026-11-20 09:05:04.515+00', 'run-9', '{"payload_hash":"8a8c935a05ca00aa8902e7c98e1d57df8d8ba7a21237665c3a0eef735f605e0c"}'),
(63, 102, 'company', 'consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153', 'landed', '2026-11-20 09:05:04.565+00', 'run-9', '{"company":5002}'),
(64, 102, 'company', 'consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c', 'intent', '2026-11-20 09:05:04.565+00', 'run-9', '{"payload_hash":"c11489db30311b5e41791ed20da965c75134fc50dadca000cafc50b334b31835"}'),
(65, 102, 'company', 'consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c', 'landed', '2026-11-20 09:05:04.615+00', 'run-9', '{"company":5003}'),
(66, 102, 'order', '9002', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b"}'),
(67, 102, 'order', '9003', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772"}'),
(68, 102, 'order', '9004', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa"}'),
(69, 102, 'order', '9005', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277"}'),
(70, 102, 'order', '9006', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2"}'),
(71, 102, 'order', '9007', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce"}'),
(72, 102, 'order', '9104', 'intent', '2026-11-20 09:05:04.615+00', 'run-9', '{"payload_hash":"8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd"}'),
(73, 102, 'order', '9002', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50002}'),
(74, 102, 'order', '9003', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50003}'),
(75, 102, 'order', '9004', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50004}'),
(76, 102, 'order', '9005', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50005}'),
(77, 102, 'order', '9006', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50006}'),
(78, 102, 'order', '9007', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50007}'),
(79, 102, 'order', '9104', 'landed', '2026-11-20 09:05:04.665+00', 'run-9', '{"order":50008}'),
(80, 102, 'order', '9002', 'acknowledged', '2026-11-20 09:05:04.715+00', 'run-9', '{"order":50002}'),
(81, 102, 'order', '9003', 'acknowledged', '2026-11-20 09:05:04.72+00', 'run-9', '{"order":50003}'),
(82, 102, 'invoicing', '9004', 'intent', '2026-11-20 09:05:04.72+00', 'run-9', '{"payload_hash":"ed08f7dd4f935097574adfa525684a95e49dc663631961071a6c25bf02354a72"}'),
(83, 102, 'order', '9004', 'acknowledged', '2026-11-20 09:05:04.765+00', 'run-9', '{"order":50004}'),
(84, 102, 'order', '9005', 'acknowledged', '2026-11-20 09:05:04.77+00', 'run-9', '{"order":50005}'),
(85, 102, 'invoicing', '9006', 'intent', '2026-11-20 09:05:04.77+00', 'run-9', '{"payload_hash":"6fe5044edcb366d44769bfb9296fde0882b2b15e44d0184d1643e620901ac7ea"}'),
(86, 102, 'order', '9006', 'acknowledged', '2026-11-20 09:05:04.815+00', 'run-9', '{"order":50006}'),
(87, 102, 'order', '9007', 'acknowledged', '2026-11-20 09:05:04.82+00', 'run-9', '{"order":50007}'),
(88, 102, 'order', '9004', 'paid', '2026-11-20 09:05:04.865+00', 'run-9', '{"day":"2026-11-19","order":50004}'),
(89, 102, 'invoices', '9002', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(90, 102, 'invoices', '9003', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(91, 102, 'invoices', '9004', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(92, 102, 'invoices', '9005', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(93, 102, 'invoices', '9006', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(94, 102, 'invoices', '9007', 'settled', '2026-11-20 09:05:04.865+00', 'run-9', NULL),
(95, 102, 'invoices', '9104', 'held', '2026-11-20 09:05:04.865+00', 'run-9', '{"reason":"Finago total differs"}'),
(96, 102, 'project', '557', 'updated', '2026-11-20 10:00:05.68+00', 'run-11', '{"members":["name"],"project":12347}'),
(97, 102, 'order', '9008', 'intent', '2026-11-20 10:00:06.23+00', 'run-12', '{"payload_hash":"f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446"}'),
(98, 102, 'order', '9009', 'intent', '2026-11-20 10:00:06.23+00', 'run-12', '{"payload_hash":"6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f"}'),
(99, 102, 'order', '9102', 'intent', '2026-11-20 10:00:06.23+00', 'run-12', '{"payload_hash":"b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811"}'),
(100, 102, 'order', '9008', 'uncertain', '2026-11-20 10:00:06.28+00', 'run-12', '{"why":"the connection broke before the reply was complete."}'),
(101, 102, 'order', '9009', 'uncertain', '2026-11-20 10:00:06.28+00', 'run-12', '{"why":"the connection broke before the reply was complete."}'),
(102, 102, 'order', '9102', 'uncertain', '2026-11-20 10:00:06.28+00', 'run-12', '{"why":"the connection broke before the reply was complete."}'),
(103, 102, 'order', '8902', 'paid', '2026-11-20 10:00:06.43+00', 'run-12', '{"day":"2026-11-20","order":40012}'),
(104, 102, 'invoices', '9008', 'uncertain', '2026-11-20 10:00:06.43+00', 'run-12', NULL),
(105, 102, 'invoices', '9009', 'uncertain', '2026-11-20 10:00:06.43+00', 'run-12', NULL),
(106, 102, 'invoices', '9010', 'held', '2026-11-20 10:00:06.43+00', 'run-12', '{"reason":"waits for its original"}'),
(107, 102, 'invoices', '9101', 'held', '2026-11-20 10:00:06.43+00', 'run-12', '{"reason":"unknown currency"}'),
(108, 102, 'invoices', '9102', 'uncertain', '2026-11-20 10:00:06.43+00', 'run-12', NULL),
(109, 102, 'invoices', '8902', 'settled', '2026-11-20 10:00:06.43+00', 'run-12', NULL),
(110, 102, 'cost', 'finago:102:2026-3-20005:12346', 'intent', '2026-11-20 10:00:06.99+00', 'run-13', '{"payload_hash":"a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6"}'),
(111, 102, 'cost', 'finago:102:2026-3-20005:12346', 'landed', '2026-11-20 10:00:06.995+00', 'run-13', '{"id":36}'),
(112, 102, 'cost', 'finago:102:2026-3-20005:12345', 'deleted', '2026-11-20 10:00:07.005+00', 'run-13', '{"id":35}'),
(113, 102, 'order', '9008', 'landed', '2026-11-20 10:15:07.32+00', 'run-15', '{"found":"by look-up","order":50009}'),
(114, 102, 'order', '9009', 'landed', '2026-11-20 10:15:07.32+00', 'run-15', '{"found":"by look-up","order":50010}'),
(115, 102, 'order', '9102', 'quarantined', '2026-11-20 10:15:07.32+00', 'run-15', '{"why":"Finago has order 50011 for invoice 9102, but with customer 4720 instead of 4711."}'),
(116, 102, 'invoicing', '9008', 'intent', '2026-11-20 10:15:07.92+00', 'run-15', '{"payload_hash":"7e0c963cbf40dd86f7470595e9e3a1baf9545a6a3d87439b4d10e87db3700c50"}'),
(117, 102, 'order', '9008', 'acknowledged', '2026-11-20 10:15:07.97+00', 'run-15', '{"order":50009}'),
(118, 102, 'invoicing', '9009', 'intent', '2026-11-20 10:15:07.97+00', 'run-15', '{"payload_hash":"d23c9e118b8063938099f697b8c1425f12b9d01ebfb2ba87537ca060bca7266a"}'),
(119, 102, 'order', '9009', 'acknowledged', '2026-11-20 10:15:08.02+00', 'run-15', '{"order":50010}'),
(120, 102, 'order', '9010', 'intent', '2026-11-20 10:15:08.17+00', 'run-15', '{"payload_hash":"cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d"}'),
(121, 102, 'order', '9010', 'landed', '2026-11-20 10:15:08.22+00', 'run-15', '{"order":50012}'),
(122, 102, 'invoicing', '9010', 'intent', '2026-11-20 10:15:08.27+00', 'run-15', '{"payload_hash":"66988a54b81dd4425fae3962ae4892d7d3147852d210b842717d5d26f7857538"}'),
(123, 102, 'order', '9010', 'acknowledged', '2026-11-20 10:15:08.32+00', 'run-15', '{"order":50012}'),
(124, 102, 'order', '9009', 'paid', '2026-11-20 10:15:08.37+00', 'run-15', '{"day":"2026-11-19","order":50010}'),
(125, 102, 'invoices', '9008', 'settled', '2026-11-20 10:15:08.37+00', 'run-15', NULL),
(126, 102, 'invoices', '9009', 'settled', '2026-11-20 10:15:08.37+00', 'run-15', NULL),
(127, 102, 'invoices', '9010', 'settled', '2026-11-20 10:15:08.37+00', 'run-15', NULL),
(128, 102, 'invoices', '9105', 'held', '2026-11-20 10:17:10.935+00', 'run-23', '{"reason":"unknown currency"}');
INSERT INTO qondor_finago_ledger.installation VALUES
(1, '00000000-0000-4000-8000-000000000001');
INSERT INTO qondor_finago_ledger.intents VALUES
(1, 50103, 103, 'company', 'customer:90', 'b5e00392cd0e197e3cffe19a3d0c1b0f763b3caa17331068c0e50d4a3dcb105f', '{"type":"Business"}', '2026-11-20 09:00:00.7+00', 'landed', 0, '2026-11-20 09:00:00.75+00', '{"company":5001}'),
(2, 50103, 103, 'project', '22345', 'becbe0be48def6b5f5e623bf6ca649ae1c91d3c8451fae08fce1f53cdaa093de', '{"name_hash":"dae7c4e87f508b551c4539b2aeedb596c04161efa38aa1a4f8354f951edcea4f","project_id":655}', '2026-11-20 09:00:00.76+00', 'landed', 0, '2026-11-20 09:00:00.8+00', '{}'),
(3, 50103, 103, 'order', '9201', 'dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e', '{"credited_invoice_id":null,"currency":"NOK","customer_id":5001,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":22345,"to_be_invoiced":1,"total":"12500.00"}', '2026-11-20 09:00:00.8+00', 'landed', 0, '2026-11-20 09:00:00.85+00', '{"order":50001}'),
(4, 50103, 103, 'invoicing', '9201', '1745e374219cea5573c99236d9824dd5ec0c886d0b35fd35ba534b6810dff33c', '{"order_id":50001}', '2026-11-20 09:00:00.9+00', 'landed', 0, '2026-11-20 09:00:00.95+00', '{"invoice":10001}'),
(5, 50102, 102, 'company', 'customer:79', '588d479536f0308be8ec7aa454a7169104f5410a4bcf7ebfcd100e7ea615f957', '{"type":"Business"}', '2026-11-20 09:00:01.5+00', 'landed', 0, '2026-11-20 09:00:01.55+00', '{"company":5001}'),
(6, 50102, 102, 'project', '12345', 'b945e5a3c533e41b7a58e5fcd2ac3fc9dcd40dfe6c6de8cea65ed61629865829', '{"name_hash":"6364b967f61e2e73fab624d95b817e485ad7b057cb75675e5f2c8b66549568ea","project_id":555}', '2026-11-20 09:00:01.575+00', 'landed', 0, '2026-11-20 09:00:01.6+00', '{}'),
(7, 50102, 102, 'project', '12347', '5468f0bfa5365fd8b06c3749b1ea342f77f1e25fe420dda0bd623fcf444339de', '{"name_hash":"e7a4baf1788a2bfed41036d330b9a71a9add472993b507877e46fdb28d2a232f","project_id":557}', '2026-11-20 09:00:01.65+00', 'landed', 0, '2026-11-20 09:00:01.7+00', '{}'),
(8, 50102, 102, 'order', '9001', 'b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":2,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"20808.75"}', '2026-11-20 09:00:02.5+00', 'landed', 0, '2026-11-20 09:00:02.55+00', '{"order":50001}'),
(9, 50102, 102, 'sale', 'finago:102:2026-1-20001:12345', 'c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d', '{"amount":"10000.00","project_id":555}', '2026-11-20 09:00:03.3+00', 'landed', 0, '2026-11-20 09:00:03.3+00', '{"id":31}'),
(10, 50102, 102, 'cost', 'finago:102:2026-3-20001:12345', 'd699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331', '{"amount":"33.33","project_id":555}', '2026-11-20 09:00:03.3+00', 'landed', 0, '2026-11-20 09:00:03.305+00', '{"id":31}'),
(11, 50102, 102, 'cost', 'finago:102:2026-3-20001:12346', '883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f', '{"amount":"66.68","project_id":556}', '2026-11-20 09:00:03.305+00', 'landed', 0, '2026-11-20 09:00:03.31+00', '{"id":32}'),
(12, 50102, 102, 'cost', 'finago:102:2026-3-20002:12346', '209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486', '{"amount":"-800.00","project_id":556}', '2026-11-20 09:00:03.31+00', 'landed', 0, '2026-11-20 09:00:03.315+00', '{"id":33}'),
(13, 50102, 102, 'cost', 'finago:102:2026-3-20004:12345', '723dcb8159a5aec7987704cb78bdfdbcb1c4ef4d2236443bd1d2c2d95efc7aeb', '{"amount":"8000.00","project_id":555}', '2026-11-20 09:00:03.315+00', 'landed', 0, '2026-11-20 09:00:03.32+00', '{"id":34}'),
(14, 50102, 102, 'cost', 'finago:102:2026-3-20005:12345', '27dce1a9998d53e267f38a2637712edb784696d2da207c640d611ad8c818727c', '{"amount":"640.00","project_id":555}', '2026-11-20 09:00:03.32+00', 'landed', 0, '2026-11-20 09:00:03.325+00', '{"id":35}'),
(15, 50102, 102, 'company', 'consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153', '8a8c935a05ca00aa8902e7c98e1d57df8d8ba7a21237665c3a0eef735f605e0c', '{"type":"Consumer"}', '2026-11-20 09:05:04.515+00', 'landed', 0, '2026-11-20 09:05:04.565+00', '{"company":5002}'),
(16, 50102, 102, 'company', 'consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c', 'c11489db30311b5e41791ed20da965c75134fc50dadca000cafc50b334b31835', '{"type":"Consumer"}', '2026-11-20 09:05:04.565+00', 'landed', 0, '2026-11-20 09:05:04.615+00', '{"company":5003}'),
(17, 50102, 102, 'order', '9002', '53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4712,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":0,"total":"65625.00"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50002}'),
(18, 50102, 102, 'order', '9003', '8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772', '{"credited_invoice_id":null,"currency":"NOK","customer_id":5002,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":0,"total":"12500.00"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50003}'),
(19, 50102, 102, 'order', '9004', '21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa', '{"credited_invoice_id":null,"currency":"NOK","customer_id":5003,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":1,"total":"12500.00"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50004}'),
(20, 50102, 102, 'order', '9005', 'ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"9970.50"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50005}'),
(21, 50102, 102, 'order', '9006', '15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2', '{"credited_invoice_id":8901,"currency":"NOK","customer_id":4712,"exact":0,"factored":0,"is_card":0,"is_credit":1,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":1,"total":"-12500.00"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50006}'),
(22, 50102, 102, 'order', '9007', '4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce', '{"credited_invoice_id":null,"currency":"EUR","customer_id":5001,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"2624.25"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50007}'),
(23, 50102, 102, 'order', '9104', '8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"12500.00"}', '2026-11-20 09:05:04.615+00', 'landed', 0, '2026-11-20 09:05:04.665+00', '{"order":50008}'),
(24, 50102, 102, 'invoicing', '9004', 'ed08f7dd4f935097574adfa525684a95e49dc663631961071a6c25bf02354a72', '{"order_id":50004}', '2026-11-20 09:05:04.72+00', 'landed', 0, '2026-11-20 09:05:04.765+00', '{"invoice":10003}'),
(25, 50102, 102, 'invoicing', '9006', '6fe5044edcb366d44769bfb9296fde0882b2b15e44d0184d1643e620901ac7ea', '{"order_id":50006}', '2026-11-20 09:05:04.77+00', 'landed', 0, '2026-11-20 09:05:04.815+00', '{"invoice":10004}'),
(26, 50102, 102, 'order', '9008', 'f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4716,"exact":1,"factored":1,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12347,"to_be_invoiced":1,"total":"12500.00"}', '2026-11-20 10:00:06.23+00', 'landed', 1, '2026-11-20 10:15:07.32+00', '{"found":"by look-up","order":50009}'),
(27, 50102, 102, 'order', '9009', '6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"12500.00"}', '2026-11-20 10:00:06.23+00', 'landed', 1, '2026-11-20 10:15:07.32+00', '{"found":"by look-up","order":50010}'),
(28, 50102, 102, 'order', '9102', 'b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811', '{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":1,"factored":1,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"12500.00"}', '2026-11-20 10:00:06.23+00', 'quarantined', 1, '2026-11-20 10:15:07.32+00', '{"why":"Finago has order 50011 for invoice 9102, but with customer 4720 instead of 4711."}'),
(29, 50102, 102, 'cost', 'finago:102:2026-3-20005:12346', 'a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6', '{"amount":"640.00","project_id":556}', '2026-11-20 10:00:06.99+00', 'landed', 0, '2026-11-20 10:00:06.995+00', '{"id":36}'),
(30, 50102, 102, 'invoicing', '9008', '7e0c963cbf40dd86f7470595e9e3a1baf9545a6a3d87439b4d10e87db3700c50', '{"order_id":50009}', '2026-11-20 10:15:07.92+00', 'landed', 0, '2026-11-20 10:15:07.97+00', '{"invoice":10005}'),
(31, 50102, 102, 'invoicing', '9009', 'd23c9e118b8063938099f697b8c1425f12b9d01ebfb2ba87537ca060bca7266a', '{"order_id":50010}', '2026-11-20 10:15:07.97+00', 'landed', 0, '2026-11-20 10:15:08.02+00', '{"invoice":10006}'),
(32, 50102, 102, 'order', '9010', 'cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d', '{"credited_invoice_id":9009,"currency":"NOK","customer_id":4711,"exact":1,"factored":0,"is_card":1,"is_credit":1,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"-12500.00"}', '2026-11-20 10:15:08.17+00', 'landed', 0, '2026-11-20 10:15:08.22+00', '{"order":50012}'),
(33, 50102, 102, 'invoicing', '9010', '66988a54b81dd4425fae3962ae4892d7d3147852d210b842717d5d26f7857538', '{"order_id":50012}', '2026-11-20 10:15:08.27+00', 'landed', 0, '2026-11-20 10:15:08.32+00', '{"invoice":10007}');
INSERT INTO qondor_finago_ledger.judged_vouchers VALUES
(102, 20001, 1, 2026, '\x5360df510f6a8803bcb3efe613af0ea2f1134a5a8fb8c3cc', '36f50771914178e7', '2026-11-20', '2026-11-20 09:00:03.325+00'),
(102, 20001, 2, 2026, '\x682db72c7683806cc07ba79e8bad9589', '36f50771914178e7', '2026-11-20', '2026-11-20 09:05:05.265+00'),
(102, 20001, 3, 2026, '\x5461421ebc40850b5d3d8f27a8b27449ddedb2df94cb01e5', '36f50771914178e7', '2026-11-20', '2026-11-20 09:00:03.325+00'),
(102, 20002, 1, 2026, '\x3fa9fa7ecf814c2db48a76c5f9a87aa1baf21551487c9895', '36f50771914178e7', '2026-11-20', '2026-11-20 09:05:05.265+00'),
(102, 20002, 2, 2026, '\x4d0fb2d44ba2469ee9167c1eb106e78c', '36f50771914178e7', '2026-11-20', '2026-11-20 10:00:06.995+00'),
(102, 20002, 3, 2026, '\x1a338e0039dd5750be99c69bdd10baede0dd09a6d4c7cd59', '36f50771914178e7', '2026-11-20', '2026-11-20 09:00:03.325+00'),
(102, 20003, 1, 2026, '\x27d56d9cfc7954315c20240780d7189f86ff6041ff814d71', '36f50771914178e7', '2026-11-20', '2026-11-20 09:05:05.265+00'),
(102, 20003, 2, 2026, '\x0f076bd4d7b27c04e75f8b4ac24dce96', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(102, 20003, 3, 2026, '\x74669a96f16d18ca8c088c52bf629588fbfefd7e9a9a6b07', 'open', '2026-11-20', '2026-11-20 10:17:10.335+00'),
(102, 20004, 1, 2026, '\x0055b2576c89a9d6779728d5b912570ba379aabe81e6df69', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(102, 20004, 2, 2026, '\x1e6840bdda5207ec52bd6e0bfb786cde', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(102, 20004, 3, 2026, '\x619cf1454c77a890ca9b22bf24c85cc9e38efc84c65c8936', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(102, 20005, 1, 2026, '\x25de46c2e61ea2327ace09ea4abc2ca3bf648cd4d5a7db6e', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(102, 20005, 3, 2026, '\x1ad347d438907a6356a5b4eaf61892a8e79084235dd2ef52', '36f50771914178e7', '2026-11-20', '2026-11-20 10:00:07.005+00'),
(102, 20006, 1, 2026, '\x0f0cb5312bdf077321ada11969ce8439edd2fde40e49546f', '36f50771914178e7', '2026-11-20', '2026-11-20 10:15:08.87+00'),
(103, 20001, 1, 2026, '\x72a2fd90235af8329b30e0315e807b47bec478bed1bb03f4', '36f50771914178e7', '2026-11-20', '2026-11-20 09:00:03.6+00'),
(103, 20001, 2, 2026, '\x200bb88a2c4025c17008c054f2dcfd90', '36f50771914178e7', '2026-11-20', '2026-11-20 09:00:03.6+00');
INSERT INTO qondor_finago_ledger.leases VALUES
('50102:finago', 11, NULL, NULL),
('50102:qondor-costs', 5, NULL, NULL),
('50103:finago', 5, NULL, NULL),
('50103:qondor-costs', 2, NULL, NULL);
INSERT INTO qondor_finago_ledger.ledger_readings VALUES
(102, '2026-11-20 10:17:09.885+00', '2026-11-20 09:00:03.325+00'),
(103, '2026-11-20 10:17:10.335+00', '2026-11-20 09:00:03.6+00');
INSERT INTO qondor_finago_ledger.listed_projects VALUES
(102, 555, '2026-11-20 09:00:02.81+00'),
(102, 556, '2026-11-20 09:00:02.82+00'),
(102, 557, '2026-11-20 09:00:02.83+00'),
(102, 561, '2026-11-20 09:00:02.84+00'),
(103, 655, '2026-11-20 09:00:03.41+00');
INSERT INTO qondor_finago_ledger.offices VALUES
(102, 50102, '2026-11-20 10:17:10.435+00'),
(103, 50103, '2026-11-20 10:17:10.335+00');
INSERT INTO qondor_finago_ledger.order_links VALUES
(8901, 50102, 102, 40011, 12500.00, 'NOK', '2026-11-02', 1, true, false, false, false, false, NULL, 10001, '2026-11-20 09:00:02.66+00', NULL, '2026-11-20 09:00:02.66+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(8902, 50102, 102, 40012, 12500.00, 'NOK', '2026-11-02', 1, true, false, false, false, false, NULL, 10002, '2026-11-20 09:00:02.655+00', NULL, '2026-11-20 09:00:02.655+00', '2026-11-20', '2026-11-20 10:00:06.43+00', '2026-11-20 10:00:06.43+00'),
(9001, 50102, 102, 50001, 20808.75, 'NOK', '2026-11-19', 2, false, false, false, false, false, NULL, NULL, '2026-11-20 09:00:02.5+00', '2026-11-20 09:00:02.6+00', '2026-11-20 09:00:02.6+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9002, 50102, 102, 50002, 65625.00, 'NOK', '2026-11-19', 1, false, false, false, false, false, NULL, NULL, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.715+00', '2026-11-20 09:05:04.715+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9003, 50102, 102, 50003, 12500.00, 'NOK', '2026-11-19', 1, false, false, false, false, false, NULL, NULL, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.715+00', '2026-11-20 09:05:04.72+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9004, 50102, 102, 50004, 12500.00, 'NOK', '2026-11-19', 1, true, true, false, true, false, NULL, 10003, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.72+00', '2026-11-20 09:05:04.765+00', '2026-11-19', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00'),
(9005, 50102, 102, 50005, 9970.50, 'NOK', '2026-11-19', 1, false, false, false, false, false, NULL, NULL, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.765+00', '2026-11-20 09:05:04.77+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9006, 50102, 102, 50006, -12500.00, 'NOK', '2026-11-19', 1, true, false, false, false, true, 8901, 10004, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.77+00', '2026-11-20 09:05:04.815+00', NULL, NULL, NULL),
(9007, 50102, 102, 50007, 2624.25, 'EUR', '2026-11-19', 1, false, false, false, false, false, NULL, NULL, '2026-11-20 09:05:04.615+00', '2026-11-20 09:05:04.815+00', '2026-11-20 09:05:04.82+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9008, 50102, 102, 50009, 12500.00, 'NOK', '2026-11-19', 1, true, true, true, false, false, NULL, 10005, '2026-11-20 10:15:07.32+00', '2026-11-20 10:15:07.92+00', '2026-11-20 10:15:07.97+00', NULL, NULL, '2026-11-20 10:17:10.935+00'),
(9009, 50102, 102, 50010, 12500.00, 'NOK', '2026-11-19', 1, true, true, false, true, false, NULL, 10006, '2026-11-20 10:15:07.32+00', '2026-11-20 10:15:07.97+00', '2026-11-20 10:15:08.02+00', '2026-11-19', '2026-11-20 10:15:08.37+00', '2026-11-20 10:15:08.37+00'),
(9010, 50102, 102, 50012, -12500.00, 'NOK', '2026-11-19', 1, true, true, false, true, true, 9009, 10007, '2026-11-20 10:15:08.17+00', '2026-11-20 10:15:08.27+00', '2026-11-20 10:15:08.32+00', NULL, NULL, NULL),
(9104, 50102, 102, 50008, 12500.00, 'NOK', '2026-11-19', 1, false, false, false, false, false, NULL, NULL, '2026-11-20 09:05:04.615+00', NULL, NULL, NULL, NULL, NULL),
(9201, 50103, 103, 50001, 12500.00, 'NOK', '2026-11-19', 1, true, true, false, true, false, NULL, 10001, '2026-11-20 09:00:00.8+00', '2026-11-20 09:00:00.9+00', '2026-11-20 09:00:00.95+00', '2026-11-19', '2026-11-20 09:00:01+00', '2026-11-20 09:00:01+00');
INSERT INTO qondor_finago_ledger.project_links VALUES
(50102, 555, 12345, 102, '2026-11-20 09:00:01.6+00'),
(50102, 556, 12346, 102, '2026-11-20 09:00:01.65+00'),
(50102, 557, 12347, 102, '2026-11-20 10:00:05.68+00'),
(50103, 655, 22345, 103, '2026-11-20 09:00:00.8+00');
INSERT INTO qondor_finago_ledger.runs VALUES
('run-1', 103, 'invoices', '2026-11-20', 'sensor', '2026-11-20 09:00:00+00', '2026-11-20 09:00:01.005+00', true, '{"calls":{"finago":21,"qondor":12},"created":1,"day":"2026-11-20","flow":"invoices","office":103,"paid":1,"rejected":[{"id":9202,"reason":"Invoice 9202 is not linked to a project. Every invoice needs a project: delete it in Qondor, link it to one and issue it again."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-10', 102, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:05.265+00', true, '{"calls":{"finago":8,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":3,"updated":0}'),
('run-11', 102, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 10:00:05.265+00', '2026-11-20 10:00:05.68+00', true, '{"calls":{"finago":9,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":7,"updated":1}'),
('run-12', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 10:00:05.68+00', '2026-11-20 10:00:06.43+00', false, '{"calls":{"finago":15,"qondor":13},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9010,"reason":"Credit note 9010 waits for invoice 9009, which it credits. Settle that invoice; the credit note then goes by itself."},{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9008,9009,9102],"unchanged":6,"updated":0}'),
('run-13', 102, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 10:00:06.43+00', '2026-11-20 10:00:07.005+00', false, '{"calls":{"finago":11,"qondor":7},"created":1,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"problems":["qondor PutCost: the connection broke before the reply was complete. Nothing was lost: the next run tries again. If it stays so, check the network and the address."],"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":1,"updated":1}'),
('run-14', 102, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 10:15:07.005+00', '2026-11-20 10:15:07.22+00', true, '{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-15', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 10:15:07.22+00', '2026-11-20 10:15:08.37+00', false, '{"calls":{"finago":23,"qondor":16},"created":1,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-16', 102, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 10:15:08.37+00', '2026-11-20 10:15:08.87+00', true, '{"calls":{"finago":10,"qondor":2},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":6,"updated":0}'),
('run-17', 102, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 10:17:08.87+00', '2026-11-20 10:17:09.085+00', true, '{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-18', 103, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 10:17:09.085+00', '2026-11-20 10:17:09.385+00', true, '{"calls":{"finago":6,"qondor":3},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-19', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 10:17:09.385+00', '2026-11-20 10:17:09.885+00', false, '{"calls":{"finago":10,"qondor":7},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-2', 102, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 09:00:01.005+00', '2026-11-20 09:00:01.7+00', true, '{"calls":{"finago":14,"qondor":10},"created":3,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":3}'),
('run-20', 103, 'invoices', '2026-11-20', 'cli', '2026-11-20 10:17:09.885+00', '2026-11-20 10:17:09.885+00', true, '{"calls":{"finago":0,"qondor":1},"created":0,"day":"2026-11-20","flow":"invoices","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-21', 102, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 10:17:09.885+00', '2026-11-20 10:17:10.335+00', true, '{"calls":{"finago":9,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-22', 103, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 10:17:10.335+00', '2026-11-20 10:17:10.435+00', true, '{"calls":{"finago":2,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-23', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 10:17:10.435+00', '2026-11-20 10:17:10.935+00', false, '{"calls":{"finago":10,"qondor":8},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."},{"id":9105,"reason":"Invoice 9105: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-3', 103, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 09:00:01.7+00', '2026-11-20 09:00:01.9+00', true, '{"calls":{"finago":4,"qondor":3},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-4', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 09:00:01.9+00', '2026-11-20 09:00:02.7+00', false, '{"calls":{"finago":16,"qondor":10},"created":1,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9005,"reason":"Invoice 9005 waits: the first orders sent to this Finago client have to be looked at by a person. Check them in Finago, then run `qondor-finago confirm --office 102`."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."}],"seconds":0.0,"uncertain":[],"unchanged":3,"updated":0}'),
('run-5', 103, 'invoices', '2026-11-20', 'cli', '2026-11-20 09:00:02.7+00', '2026-11-20 09:00:02.7+00', true, '{"calls":{"finago":0,"qondor":1},"created":0,"day":"2026-11-20","flow":"invoices","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-6', 102, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 09:00:02.7+00', '2026-11-20 09:00:03.325+00', true, '{"calls":{"finago":12,"qondor":15},"created":6,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-7', 103, 'costs-and-sales', '2026-11-20', 'schedule', '2026-11-20 09:00:03.325+00', '2026-11-20 09:00:03.6+00', true, '{"calls":{"finago":6,"qondor":3},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-8', 102, 'customers-and-projects', '2026-11-20', 'schedule', '2026-11-20 09:05:03.6+00', '2026-11-20 09:05:03.815+00', true, '{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-9', 102, 'invoices', '2026-11-20', 'cli', '2026-11-20 09:05:03.815+00', '2026-11-20 09:05:04.865+00', false, '{"calls":{"finago":21,"qondor":18},"created":7,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[],"unchanged":7,"updated":0}');
INSERT INTO qondor_finago_ledger.sessions VALUES
('1af9d56ff7162ad9af8eb336bf1e0a0ca20bad7a4b94e5be283b21d954d9e89c', 2, '\x67414141414142724141775141414543417751464267634943516f4c4441304f4439627a5f66796738466b46674644306b4259714c504f4764726d457153706c4d756f7a7345644758476c347970554f502d752d4e5754374b5778363179313646673d3d', '2026-11-20 10:00:05.33+00', NULL, NULL, NULL, NULL),
('28d6f30421c183b336635f53f28456a9d6c50564f485052bdb8e27a9f22eb919', 2, '\x67414141414142724141775141414543417751464267634943516f4c4441304f44795f7a6c6e497348526342426348744a716d2d463451336f716d47474947695358774d3745564c4737455034716974304153456f30307672412d526b366a6d63773d3d', '2026-11-20 10:17:09.185+00', NULL, NULL, NULL, NULL);
INSERT INTO qondor_finago_ledger.standings VALUES
(102, 'costs-and-sales', 'voucher 2026-1-20001', 'settled', NULL, '', '', '2026-11-20 09:00:03.325+00', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(102, 'costs-and-sales', 'voucher 2026-3-20001', 'settled', NULL, '', '', '2026-11-20 09:00:03.325+00', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(102, 'costs-and-sales', 'voucher 2026-3-20002', 'settled', NULL, '', '', '2026-11-20 09:00:03.325+00', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(102, 'costs-and-sales', 'voucher 2026-3-20003', 'held', 'no project in Qondor', 'Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id).', 'Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.', '2026-11-20 09:00:03.325+00', '2026-11-20 10:17:10.335+00', 'run-21', NULL),
(102, 'costs-and-sales', 'voucher 2026-3-20004', 'settled', NULL, '', '', '2026-11-20 09:00:03.325+00', '2026-11-20 09:00:03.325+00', 'run-6', NULL),
(102, 'costs-and-sales', 'voucher 2026-3-20005', 'settled', NULL, '', '', '2026-11-20 09:00:03.325+00', '2026-11-20 10:00:07.005+00', 'run-13', NULL),
(102, 'costs-and-sales', 'voucher 2026-5-20001', 'held', 'unbalanced', 'Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00.', 'Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.', '2026-11-20 09:00:03.325+00', '2026-11-20 10:17:10.335+00', 'run-21', NULL),
(102, 'customers-and-projects', 'customer 77', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'customer 78', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'customer 79', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'customer 80', 'held', 'invalid customer reference', 'Customer 80: its External Reference ''ABC-17'' is no Finago Company ID.', 'Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field.', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'customer 83', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'project 555', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'project 556', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'project 557', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'customers-and-projects', 'project 561', 'settled', NULL, '', '', '2026-11-20 09:00:01.7+00', '2026-11-20 10:17:09.085+00', 'run-17', NULL),
(102, 'invoices', '8902', 'settled', NULL, '', '', '2026-11-20 10:00:06.43+00', '2026-11-20 10:00:06.43+00', 'run-12', NULL),
(102, 'invoices', '9001', 'settled', NULL, '', '', '2026-11-20 09:00:02.7+00', '2026-11-20 09:00:02.7+00', 'run-4', 'b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f'),
(102, 'invoices', '9002', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', '53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b'),
(102, 'invoices', '9003', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', '8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772'),
(102, 'invoices', '9004', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', '21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa'),
(102, 'invoices', '9005', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', 'ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277'),
(102, 'invoices', '9006', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', '15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2'),
(102, 'invoices', '9007', 'settled', NULL, '', '', '2026-11-20 09:05:04.865+00', '2026-11-20 09:05:04.865+00', 'run-9', '4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce'),
(102, 'invoices', '9008', 'settled', NULL, '', '', '2026-11-20 10:15:08.37+00', '2026-11-20 10:15:08.37+00', 'run-15', 'f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446'),
(102, 'invoices', '9009', 'settled', NULL, '', '', '2026-11-20 10:15:08.37+00', '2026-11-20 10:15:08.37+00', 'run-15', '6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f'),
(102, 'invoices', '9010', 'settled', NULL, '', '', '2026-11-20 10:15:08.37+00', '2026-11-20 10:15:08.37+00', 'run-15', 'cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d'),
(102, 'invoices', '9101', 'held', 'unknown currency', 'Invoice 9101: its currency ISK is not among Finago''s currencies.', 'Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.', '2026-11-20 10:00:06.43+00', '2026-11-20 10:17:10.935+00', 'run-23', '2d163172726ba99eb30cf8582081cccefce11e525c4079cfef5164afe86cfe22'),
(102, 'invoices', '9102', 'uncertain', NULL, 'Invoice 9102 was sent to Finago, and nobody knows yet whether its order landed.', 'Nothing to do: it is looked up in Finago before anything is sent again.', '2026-11-20 10:00:06.43+00', '2026-11-20 10:17:10.935+00', 'run-23', 'b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811'),
(102, 'invoices', '9103', 'held', 'quarantined', 'Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345.', 'Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.', '2026-11-20 09:00:02.7+00', '2026-11-20 10:17:10.935+00', 'run-23', 'bfc013fc72f635e5275777119dbf5204a97acc1157fb813a2ff9e2b17111b7e9'),
(102, 'invoices', '9104', 'held', 'Finago total differs', 'Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor.', 'Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.', '2026-11-20 09:05:04.865+00', '2026-11-20 10:17:10.935+00', 'run-23', '8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd'),
(102, 'invoices', '9105', 'held', 'unknown currency', 'Invoice 9105: its currency ISK is not among Finago''s currencies.', 'Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.', '2026-11-20 10:17:10.935+00', '2026-11-20 10:17:10.935+00', 'run-23', '2060c039e6e38faad4b06d7b7c5e4f230a9778570abca88ce46d1ec1377ee833'),
(103, 'customers-and-projects', 'customer 90', 'settled', NULL, '', '', '2026-11-20 09:00:01.9+00', '2026-11-20 10:17:09.385+00', 'run-18', NULL),
(103, 'customers-and-projects', 'project 655', 'settled', NULL, '', '', '2026-11-20 09:00:01.9+00', '2026-11-20 10:17:09.385+00', 'run-18', NULL),
(103, 'invoices', '9201', 'settled', NULL, '', '', '2026-11-20 09:00:01.005+00', '2026-11-20 09:00:01.005+00', 'run-1', 'dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e'),
(103, 'invoices', '9202', 'failed', 'no project', 'Invoice 9202 is not linked to a project.', 'Every invoice needs a project: delete it in Qondor, link it to one and issue it again.', '2026-11-20 09:00:01.005+00', '2026-11-20 09:00:01.005+00', 'run-1', '7a7cd666af845d3ace6838d8c795aea1f1e2d195d8edbcc1e17c5ee7a5bf21a8');
INSERT INTO qondor_finago_ledger.voucher_lines VALUES
(102, '00000000-0000-0066-0000-000000000004', 20001, 3, 2026),
(102, '00000000-0000-0066-0000-000000000005', 20001, 3, 2026),
(102, '00000000-0000-0066-0000-000000000006', 20001, 3, 2026),
(102, '00000000-0000-0066-0000-000000000007', 20002, 3, 2026),
(102, '00000000-0000-0066-0000-000000000008', 20002, 3, 2026),
(102, '00000000-0000-0066-0000-000000000009', 20002, 3, 2026),
(102, '00000000-0000-0066-0000-00000000000f', 20001, 1, 2026),
(102, '00000000-0000-0066-0000-000000000010', 20001, 1, 2026),
(102, '00000000-0000-0066-0000-000000000011', 20001, 1, 2026),
(102, '00000000-0000-0066-0000-000000000012', 20004, 3, 2026),
(102, '00000000-0000-0066-0000-000000000013', 20004, 3, 2026),
(102, '00000000-0000-0066-0000-000000000014', 20004, 3, 2026),
(102, '00000000-0000-0066-0000-000000000015', 20005, 3, 2026),
(102, '00000000-0000-0066-0000-000000000016', 20005, 3, 2026),
(102, '00000000-0000-0066-0000-000000000017', 20005, 3, 2026);
INSERT INTO qondor_finago_ledger.watched_flows VALUES
(102, 'costs-and-sales', '2026-11-20 09:00:01.005+00'),
(102, 'customers-and-projects', '2026-11-20 09:00:01.005+00'),
(102, 'invoices', '2026-11-20 09:00:01.005+00'),
(103, 'costs-and-sales', '2026-11-20 09:00:01.005+00'),
(103, 'customers-and-projects', '2026-11-20 09:00:01.005+00'),
(103, 'invoices', '2026-11-20 09:00:01.005+00');
SELECT pg_catalog.setval('qondor_finago_ledger.alerts_id_seq', 39, true);
SELECT pg_catalog.setval('qondor_finago_ledger.events_id_seq', 128, true);
SELECT pg_catalog.setval('qondor_finago_ledger.intents_id_seq', 33, true);
ALTER TABLE ONLY qondor_finago_ledger.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY qondor_finago_ledger.actuals
    ADD CONSTRAINT pk_actuals PRIMARY KEY (office_id, number, type_id, fiscal_year, kind, finago_project_id);
ALTER TABLE ONLY qondor_finago_ledger.adoption_orders
    ADD CONSTRAINT pk_adoption_orders PRIMARY KEY (client_id, order_id);
ALTER TABLE ONLY qondor_finago_ledger.adoptions
    ADD CONSTRAINT pk_adoptions PRIMARY KEY (client_id, kind);
ALTER TABLE ONLY qondor_finago_ledger.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);
ALTER TABLE ONLY qondor_finago_ledger.call_budgets
    ADD CONSTRAINT pk_call_budgets PRIMARY KEY (system);
ALTER TABLE ONLY qondor_finago_ledger.company_links
    ADD CONSTRAINT pk_company_links PRIMARY KEY (client_id, key);
ALTER TABLE ONLY qondor_finago_ledger.confirmations
    ADD CONSTRAINT pk_confirmations PRIMARY KEY (client_id);
ALTER TABLE ONLY qondor_finago_ledger.credentials
    ADD CONSTRAINT pk_credentials PRIMARY KEY (credential_key);
ALTER TABLE ONLY qondor_finago_ledger.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY qondor_finago_ledger.installation
    ADD CONSTRAINT pk_installation PRIMARY KEY (id);
ALTER TABLE ONLY qondor_finago_ledger.intents
    ADD CONSTRAINT pk_intents PRIMARY KEY (id);
ALTER TABLE ONLY qondor_finago_ledger.judged_vouchers
    ADD CONSTRAINT pk_judged_vouchers PRIMARY KEY (office_id, number, type_id, fiscal_year);
ALTER TABLE ONLY qondor_finago_ledger.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (lane);
ALTER TABLE ONLY qondor_finago_ledger.ledger_readings
    ADD CONSTRAINT pk_ledger_readings PRIMARY KEY (office_id);
ALTER TABLE ONLY qondor_finago_ledger.listed_projects
    ADD CONSTRAINT pk_listed_projects PRIMARY KEY (office_id, project_id);
ALTER TABLE ONLY qondor_finago_ledger.offices
    ADD CONSTRAINT pk_offices PRIMARY KEY (office_id);
ALTER TABLE ONLY qondor_finago_ledger.order_links
    ADD CONSTRAINT pk_order_links PRIMARY KEY (invoice_id);
ALTER TABLE ONLY qondor_finago_ledger.project_links
    ADD CONSTRAINT pk_project_links PRIMARY KEY (client_id, project_id);
ALTER TABLE ONLY qondor_finago_ledger.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (run_id);
ALTER TABLE ONLY qondor_finago_ledger.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (credential_key);
ALTER TABLE ONLY qondor_finago_ledger.standings
    ADD CONSTRAINT pk_standings PRIMARY KEY (office_id, flow, key);
ALTER TABLE ONLY qondor_finago_ledger.voucher_lines
    ADD CONSTRAINT pk_voucher_lines PRIMARY KEY (office_id, line_id);
ALTER TABLE ONLY qondor_finago_ledger.watched_flows
    ADD CONSTRAINT pk_watched_flows PRIMARY KEY (office_id, flow);
ALTER TABLE ONLY qondor_finago_ledger.order_links
    ADD CONSTRAINT uq_order_links_client_id_order_id UNIQUE (client_id, order_id);
CREATE INDEX ix_actuals_office_id_finago_project_id_project_id ON qondor_finago_ledger.actuals USING btree (office_id, finago_project_id, project_id);
CREATE INDEX ix_alerts_end_untold ON qondor_finago_ledger.alerts USING btree (office_id) WHERE ((resolved_at IS NOT NULL) AND (sent_at IS NOT NULL) AND (resolution_sent_at IS NULL));
CREATE INDEX ix_company_links_office_id ON qondor_finago_ledger.company_links USING btree (office_id);
CREATE INDEX ix_events_office_id_kind_key ON qondor_finago_ledger.events USING btree (office_id, kind, key);
CREATE INDEX ix_intents_client_id_kind_key ON qondor_finago_ledger.intents USING btree (client_id, kind, key);
CREATE INDEX ix_offices_client_id ON qondor_finago_ledger.offices USING btree (client_id);
CREATE INDEX ix_order_links_credited_invoice_id ON qondor_finago_ledger.order_links USING btree (credited_invoice_id);
CREATE INDEX ix_order_links_unacknowledged ON qondor_finago_ledger.order_links USING btree (office_id) WHERE (acknowledged_at IS NULL);
CREATE INDEX ix_order_links_unpaid ON qondor_finago_ledger.order_links USING btree (office_id, order_date) WHERE (payment_reported_at IS NULL);
CREATE INDEX ix_project_links_client_id_finago_project_id ON qondor_finago_ledger.project_links USING btree (client_id, finago_project_id);
CREATE INDEX ix_runs_complete ON qondor_finago_ledger.runs USING btree (office_id, flow, complete, day, finished_at);
CREATE INDEX ix_runs_office_id_flow_finished_at ON qondor_finago_ledger.runs USING btree (office_id, flow, finished_at);
CREATE INDEX ix_standings_open ON qondor_finago_ledger.standings USING btree (office_id) WHERE (state = ANY (ARRAY['held'::text, 'uncertain'::text]));
CREATE INDEX ix_voucher_lines_office_id_number ON qondor_finago_ledger.voucher_lines USING btree (office_id, number);
CREATE UNIQUE INDEX uq_alerts_unresolved ON qondor_finago_ledger.alerts USING btree (office_id, flow, cause, record) WHERE (resolved_at IS NULL);
CREATE UNIQUE INDEX uq_intents_unsettled ON qondor_finago_ledger.intents USING btree (client_id, kind, key) WHERE (state = ANY (ARRAY['open'::text, 'uncertain'::text, 'quarantined'::text]));
CREATE TRIGGER events_never_change BEFORE DELETE OR UPDATE OR TRUNCATE ON qondor_finago_ledger.events FOR EACH STATEMENT EXECUTE FUNCTION qondor_finago_ledger.events_are_only_added();
