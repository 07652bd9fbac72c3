BEGIN TRANSACTION;
CREATE TABLE actuals (
	office_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	type_id BIGINT NOT NULL, 
	fiscal_year INTEGER NOT NULL, 
	finago_project_id BIGINT NOT NULL, 
	client_id BIGINT NOT NULL, 
	qondor_id BIGINT NOT NULL, 
	project_id BIGINT NOT NULL, 
	posting_day DATE NOT NULL, 
	amount_excluding_vat TEXT NOT NULL, 
	vat TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	is_paid BOOLEAN NOT NULL, 
	paid_date DATE, 
	content_hash TEXT NOT NULL, 
	verified BOOLEAN NOT NULL, 
	written_at DATETIME NOT NULL, 
	CONSTRAINT pk_actuals PRIMARY KEY (office_id, number, type_id, fiscal_year, kind, finago_project_id)
);
INSERT INTO "actuals" VALUES
(102,'cost',20001,3,2026,12345,50102,31,555,'2026-11-20','33.33','8.33','NOK',0,NULL,'d699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331',1,'2026-11-20 09:00:03.305000'),
(102,'cost',20001,3,2026,12346,50102,32,556,'2026-11-20','66.68','16.67','NOK',0,NULL,'883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f',1,'2026-11-20 09:00:03.310000'),
(102,'cost',20002,3,2026,12346,50102,33,556,'2026-11-20','-800.00','-200.00','NOK',0,NULL,'209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486',1,'2026-11-20 09:00:03.315000'),
(102,'cost',20004,3,2026,12345,50102,34,555,'2026-11-18','8000.00','2000.00','NOK',1,'2026-11-20','f488958f2f743af80b1a0102348334bcbb4ee0792c4a04909a36bb171aacb5d4',1,'2026-11-20 10:15:08.870000'),
(102,'cost',20005,3,2026,12346,50102,36,556,'2026-11-20','640.00','160.00','NOK',0,NULL,'a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6',1,'2026-11-20 10:00:06.995000'),
(102,'sale',20001,1,2026,12345,50102,31,555,'2026-11-20','10000.00','2500.00','NOK',0,NULL,'c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d',1,'2026-11-20 09:00:03.300000');
CREATE TABLE adoption_orders (
	client_id BIGINT NOT NULL, 
	order_id BIGINT NOT NULL, 
	reference TEXT NOT NULL, 
	left_to_queue_at DATETIME, 
	CONSTRAINT pk_adoption_orders PRIMARY KEY (client_id, order_id)
);
INSERT INTO "adoption_orders" VALUES
(50102,40013,'9103','2026-11-20 09:00:02.660000');
CREATE TABLE adoptions (
	client_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	completed_at DATETIME NOT NULL, 
	CONSTRAINT pk_adoptions PRIMARY KEY (client_id, kind)
);
INSERT INTO "adoptions" VALUES
(50102,'order','2026-11-20 09:00:02.000000'),
(50103,'order','2026-11-20 09:00:00.100000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES
('0004');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	office_id BIGINT NOT NULL, 
	flow TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	record TEXT NOT NULL, 
	message TEXT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	count INTEGER NOT NULL, 
	sent_at DATETIME, 
	resolved_at DATETIME, first_day DATE, day DATE, run_id TEXT, resolved_because TEXT, resolution_sent_at DATETIME, claimed_by TEXT, claimed_until DATETIME, 
	CONSTRAINT pk_alerts PRIMARY KEY (id)
);
INSERT INTO "alerts" VALUES
(1,103,'invoices','no project','9202','customer offer invoice 9202 (2026-09202) failed in Qondor: Invoice 9202 is not linked to a project. Every invoice needs a project: delete it in Qondor, link it to one and issue it again.','2026-11-20 09:00:01.005000','2026-11-20 09:00:01.005000',1,NULL,'2026-11-20 09:00:02.700000',NULL,'2026-11-20','run-1',NULL,NULL,NULL,NULL),
(2,102,'customers-and-projects','invalid customer reference','customer 80','customer 80 held: Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field.','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000',5,'2026-11-20 09:00:03.600000',NULL,NULL,'2026-11-20','run-17',NULL,NULL,NULL,NULL),
(3,102,'invoices','waits for confirm','9005','customer offer invoice 9005 (2026-09005) held: Invoice 9005 waits: the first orders sent to this Finago client have to be looked at by a person. Check them in Finago, then run `qondor-finago confirm --office 102`.','2026-11-20 09:00:02.700000','2026-11-20 09:00:02.700000',1,'2026-11-20 09:00:03.600000','2026-11-20 09:05:04.865000',NULL,'2026-11-20','run-4',NULL,'2026-11-20 09:05:05.265000',NULL,NULL),
(4,102,'invoices','quarantine order 9103','','Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.','2026-11-20 09:00:02.700000','2026-11-20 10:17:10.935000',6,'2026-11-20 09:00:03.600000',NULL,NULL,'2026-11-20','run-23',NULL,NULL,NULL,NULL),
(5,102,'costs-and-sales','no project in Qondor','voucher 2026-3-20003','voucher 2026-3-20003 (20003) held: Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.','2026-11-20 09:00:03.325000','2026-11-20 10:17:10.335000',5,'2026-11-20 09:00:03.600000',NULL,'2026-11-06','2026-11-20','run-21',NULL,NULL,NULL,NULL),
(6,102,'costs-and-sales','unbalanced','voucher 2026-5-20001','voucher 2026-5-20001 held: Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.','2026-11-20 09:00:03.325000','2026-11-20 10:17:10.335000',5,'2026-11-20 09:00:03.600000',NULL,'2026-11-06','2026-11-20','run-21',NULL,NULL,NULL,NULL),
(7,102,'invoices','Finago total differs','9104','customer offer invoice 9104 (2026-09104) held: Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.','2026-11-20 09:05:04.865000','2026-11-20 10:17:10.935000',5,'2026-11-20 09:05:05.265000',NULL,NULL,'2026-11-20','run-23',NULL,NULL,NULL,NULL),
(8,103,'invoices','process died','','The process of the run died: it was killed, ran out of memory, or its machine went away. What it was writing is looked up before anything is sent again, and the next run carries on. If it happens again, see to the memory and the logs of the machine.','2026-11-20 09:05:05.265000','2026-11-20 09:05:05.265000',1,'2026-11-20 10:00:07.005000','2026-11-20 10:17:09.885000',NULL,'2026-11-20','died',NULL,'2026-11-20 10:17:10.435000',NULL,NULL),
(9,102,'invoices','waits for its original','9010','credit note 9010 (2026-09010) held: Credit note 9010 waits for invoice 9009, which it credits. Settle that invoice; the credit note then goes by itself.','2026-11-20 10:00:06.430000','2026-11-20 10:00:06.430000',1,'2026-11-20 10:00:07.005000','2026-11-20 10:15:08.370000',NULL,'2026-11-20','run-12',NULL,'2026-11-20 10:15:08.870000',NULL,NULL),
(10,102,'invoices','unknown currency','9101','customer offer invoice 9101 (2026-09101) held: Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.','2026-11-20 10:00:06.430000','2026-11-20 10:17:10.935000',4,'2026-11-20 10:00:07.005000',NULL,NULL,'2026-11-20','run-23',NULL,NULL,NULL,NULL),
(11,102,'costs-and-sales','unreachable','','qondor PutCost: the connection broke before the reply was complete. Nothing was lost: the next run tries again. If it stays so, check the network and the address.','2026-11-20 10:00:07.005000','2026-11-20 10:00:07.005000',1,'2026-11-20 10:00:07.005000','2026-11-20 10:15:08.870000','2026-11-06','2026-11-20','run-13',NULL,'2026-11-20 10:15:08.870000',NULL,NULL),
(12,102,'invoices','quarantine order 9102','','The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new.','2026-11-20 10:15:08.370000','2026-11-20 10:17:10.935000',3,'2026-11-20 10:15:08.870000',NULL,NULL,'2026-11-20','run-23',NULL,NULL,NULL,NULL),
(13,102,'invoices','unknown currency','9105','customer offer invoice 9105 (2026-09105) held: Invoice 9105: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.','2026-11-20 10:17:10.935000','2026-11-20 10:17:10.935000',1,NULL,NULL,NULL,'2026-11-20','run-23',NULL,NULL,NULL,NULL);
CREATE TABLE call_budgets (
	system TEXT NOT NULL, 
	next_slot BIGINT NOT NULL, 
	hour BIGINT NOT NULL, 
	calls_in_hour BIGINT NOT NULL, 
	observed_remaining BIGINT, 
	observed_until BIGINT, 
	blocked_until BIGINT, 
	blocked_why TEXT, 
	CONSTRAINT pk_call_budgets PRIMARY KEY (system)
);
INSERT INTO "call_budgets" VALUES
('finago',1795169830985000,1795168800000000,115,7085,1795172400000000,NULL,NULL),
('qondor',1795169830545000,1795132800000000,148,NULL,NULL,NULL,NULL);
CREATE TABLE company_links (
	client_id BIGINT NOT NULL, 
	"key" TEXT NOT NULL, 
	company_id BIGINT NOT NULL, 
	office_id BIGINT NOT NULL, 
	linked_at DATETIME NOT NULL, 
	CONSTRAINT pk_company_links PRIMARY KEY (client_id, "key")
);
INSERT INTO "company_links" VALUES
(50102,'consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153',5002,102,'2026-11-20 09:05:04.565000'),
(50102,'consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c',5003,102,'2026-11-20 09:05:04.615000'),
(50102,'customer:77',4711,102,'2026-11-20 09:00:01.500000'),
(50102,'customer:78',4712,102,'2026-11-20 09:00:01.450000'),
(50102,'customer:79',5001,102,'2026-11-20 09:00:01.550000'),
(50102,'customer:83',4716,102,'2026-11-20 09:00:01.500000'),
(50103,'customer:90',5001,103,'2026-11-20 09:00:00.750000');
CREATE TABLE confirmations (
	client_id BIGINT NOT NULL, 
	confirmed_at DATETIME NOT NULL, 
	CONSTRAINT pk_confirmations PRIMARY KEY (client_id)
);
INSERT INTO "confirmations" VALUES
(50102,'2026-11-20 09:00:03.600000'),
(50103,'2026-11-20 09:00:03.600000');
CREATE TABLE credentials (
	credential_key TEXT NOT NULL, 
	client_id BIGINT NOT NULL, 
	learned_at DATETIME NOT NULL, 
	CONSTRAINT pk_credentials PRIMARY KEY (credential_key)
);
INSERT INTO "credentials" VALUES
('1af9d56ff7162ad9af8eb336bf1e0a0ca20bad7a4b94e5be283b21d954d9e89c',50102,'2026-11-20 10:17:10.435000'),
('28d6f30421c183b336635f53f28456a9d6c50564f485052bdb8e27a9f22eb919',50103,'2026-11-20 10:17:10.335000');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	office_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	event TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	run_id TEXT, 
	detail TEXT, 
	CONSTRAINT pk_events PRIMARY KEY (id)
);
INSERT INTO "events" VALUES
(1,103,'company','customer:90','intent','2026-11-20 09:00:00.700000','run-1','{"payload_hash":"b5e00392cd0e197e3cffe19a3d0c1b0f763b3caa17331068c0e50d4a3dcb105f"}'),
(2,103,'company','customer:90','landed','2026-11-20 09:00:00.750000','run-1','{"company":5001}'),
(3,103,'company','customer:90','stored in Qondor','2026-11-20 09:00:00.760000','run-1','{"company":5001}'),
(4,103,'project','22345','intent','2026-11-20 09:00:00.760000','run-1','{"payload_hash":"becbe0be48def6b5f5e623bf6ca649ae1c91d3c8451fae08fce1f53cdaa093de"}'),
(5,103,'project','22345','landed','2026-11-20 09:00:00.800000','run-1','{}'),
(6,103,'order','9201','intent','2026-11-20 09:00:00.800000','run-1','{"payload_hash":"dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e"}'),
(7,103,'order','9201','landed','2026-11-20 09:00:00.850000','run-1','{"order":50001}'),
(8,103,'invoicing','9201','intent','2026-11-20 09:00:00.900000','run-1','{"payload_hash":"1745e374219cea5573c99236d9824dd5ec0c886d0b35fd35ba534b6810dff33c"}'),
(9,103,'order','9201','acknowledged','2026-11-20 09:00:00.950000','run-1','{"order":50001}'),
(10,103,'order','9201','paid','2026-11-20 09:00:01.000000','run-1','{"day":"2026-11-19","order":50001}'),
(11,103,'invoices','9201','settled','2026-11-20 09:00:01.005000','run-1',NULL),
(12,103,'invoices','9202','failed','2026-11-20 09:00:01.005000','run-1','{"reason":"no project"}'),
(13,102,'company','customer:77','updated','2026-11-20 09:00:01.500000','run-2','{"company":4711,"members":["external_id","name"]}'),
(14,102,'company','customer:83','updated','2026-11-20 09:00:01.500000','run-2','{"company":4716,"members":["external_id"]}'),
(15,102,'company','customer:79','intent','2026-11-20 09:00:01.500000','run-2','{"payload_hash":"588d479536f0308be8ec7aa454a7169104f5410a4bcf7ebfcd100e7ea615f957"}'),
(16,102,'company','customer:79','landed','2026-11-20 09:00:01.550000','run-2','{"company":5001}'),
(17,102,'company','customer:79','stored in Qondor','2026-11-20 09:00:01.560000','run-2','{"company":5001}'),
(18,102,'company','customer:83','stored in Qondor','2026-11-20 09:00:01.575000','run-2','{"company":4716}'),
(19,102,'project','12345','intent','2026-11-20 09:00:01.575000','run-2','{"payload_hash":"b945e5a3c533e41b7a58e5fcd2ac3fc9dcd40dfe6c6de8cea65ed61629865829"}'),
(20,102,'project','12345','landed','2026-11-20 09:00:01.600000','run-2','{}'),
(21,102,'project','556','updated','2026-11-20 09:00:01.650000','run-2','{"members":["end_date","name","start_date","type_id"],"project":12346}'),
(22,102,'project','12347','intent','2026-11-20 09:00:01.650000','run-2','{"payload_hash":"5468f0bfa5365fd8b06c3749b1ea342f77f1e25fe420dda0bd623fcf444339de"}'),
(23,102,'project','12347','landed','2026-11-20 09:00:01.700000','run-2','{}'),
(24,102,'customers-and-projects','customer 77','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(25,102,'customers-and-projects','customer 78','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(26,102,'customers-and-projects','customer 79','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(27,102,'customers-and-projects','customer 83','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(28,102,'customers-and-projects','customer 80','held','2026-11-20 09:00:01.700000','run-2','{"reason":"invalid customer reference"}'),
(29,102,'customers-and-projects','project 555','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(30,102,'customers-and-projects','project 556','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(31,102,'customers-and-projects','project 557','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(32,102,'customers-and-projects','project 561','settled','2026-11-20 09:00:01.700000','run-2',NULL),
(33,103,'customers-and-projects','customer 90','settled','2026-11-20 09:00:01.900000','run-3',NULL),
(34,103,'customers-and-projects','project 655','settled','2026-11-20 09:00:01.900000','run-3',NULL),
(35,102,'order','9001','intent','2026-11-20 09:00:02.500000','run-4','{"payload_hash":"b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f"}'),
(36,102,'order','9001','landed','2026-11-20 09:00:02.550000','run-4','{"order":50001}'),
(37,102,'order','9001','acknowledged','2026-11-20 09:00:02.600000','run-4','{"order":50001}'),
(38,102,'order','8902','adopted','2026-11-20 09:00:02.655000','run-4','{"order":40012}'),
(39,102,'order','8901','adopted','2026-11-20 09:00:02.660000','run-4','{"order":40011}'),
(40,102,'invoices','9001','settled','2026-11-20 09:00:02.700000','run-4',NULL),
(41,102,'invoices','9005','held','2026-11-20 09:00:02.700000','run-4','{"reason":"waits for confirm"}'),
(42,102,'invoices','9103','held','2026-11-20 09:00:02.700000','run-4','{"reason":"quarantined"}'),
(43,102,'sale','finago:102:2026-1-20001:12345','intent','2026-11-20 09:00:03.300000','run-6','{"payload_hash":"c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d"}'),
(44,102,'sale','finago:102:2026-1-20001:12345','landed','2026-11-20 09:00:03.300000','run-6','{"id":31}'),
(45,102,'cost','finago:102:2026-3-20001:12345','intent','2026-11-20 09:00:03.300000','run-6','{"payload_hash":"d699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331"}'),
(46,102,'cost','finago:102:2026-3-20001:12345','landed','2026-11-20 09:00:03.305000','run-6','{"id":31}'),
(47,102,'cost','finago:102:2026-3-20001:12346','intent','2026-11-20 09:00:03.305000','run-6','{"payload_hash":"883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f"}'),
(48,102,'cost','finago:102:2026-3-20001:12346','landed','2026-11-20 09:00:03.310000','run-6','{"id":32}'),
(49,102,'cost','finago:102:2026-3-20002:12346','intent','2026-11-20 09:00:03.310000','run-6','{"payload_hash":"209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486"}'),
(50,102,'cost','finago:102:2026-3-20002:12346','landed','2026-11-20 09:00:03.315000','run-6','{"id":33}'),
(51,102,'cost','finago:102:2026-3-20004:12345','intent','2026-11-20 09:00:03.315000','run-6','{"payload_hash":"723dcb8159a5aec7987704cb78bdfdbcb1c4ef4d2236443bd1d2c2d95efc7aeb"}'),
(52,102,'cost','finago:102:2026-3-20004:12345','landed','2026-11-20 09:00:03.320000','run-6','{"id":34}'),
(53,102,'cost','finago:102:2026-3-20005:12345','intent','2026-11-20 09:00:03.320000','run-6','{"payload_hash":"27dce1a9998d53e267f38a2637712edb784696d2da207c640d611ad8c818727c"}'),
(54,102,'cost','finago:102:2026-3-20005:12345','landed','2026-11-20 09:00:03.325000','run-6','{"id":35}'),
(55,102,'costs-and-sales','voucher 2026-1-20001','settled','2026-11-20 09:00:03.325000','run-6',NULL),
(56,102,'costs-and-sales','voucher 2026-3-20001','settled','2026-11-20 09:00:03.325000','run-6',NULL),
(57,102,'costs-and-sales','voucher 2026-3-20002','settled','2026-11-20 09:00:03.325000','run-6',NULL),
(58,102,'costs-and-sales','voucher 2026-3-20003','held','2026-11-20 09:00:03.325000','run-6','{"reason":"no project in Qondor"}'),
(59,102,'costs-and-sales','voucher 2026-3-20004','settled','2026-11-20 09:00:03.325000','run-6',NULL),
(60,102,'costs-and-sales','voucher 2026-3-20005','settled','2026-11-20 09:00:03.325000','run-6',NULL),
(61,102,'costs-and-sales','voucher 2026-5-20001','held','2026-11-20 09:00:03.325000','run-6','{"reason":"unbalanced"}'),
(62,102,'company','consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153','intent','2026-11-20 09:05:04.515000','run-9','{"payload_hash":"8a8c935a05ca00aa8902e7c98e1d57df8d8ba7a21237665c3a0eef735f605e0c"}'),
(63,102,'company','consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153','landed','2026-11-20 09:05:04.565000','run-9','{"company":5002}'),
(64,102,'company','consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c','intent','2026-11-20 09:05:04.565000','run-9','{"payload_hash":"c11489db30311b5e41791ed20da965c75134fc50dadca000cafc50b334b31835"}'),
(65,102,'company','consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c','landed','2026-11-20 09:05:04.615000','run-9','{"company":5003}'),
(66,102,'order','9002','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b"}'),
(67,102,'order','9003','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772"}'),
(68,102,'order','9004','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa"}'),
(69,102,'order','9005','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277"}'),
(70,102,'order','9006','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2"}'),
(71,102,'order','9007','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce"}'),
(72,102,'order','9104','intent','2026-11-20 09:05:04.615000','run-9','{"payload_hash":"8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd"}'),
(73,102,'order','9002','landed','2026-11-20 09:05:04.665000','run-9','{"order":50002}'),
(74,102,'order','9003','landed','2026-11-20 09:05:04.665000','run-9','{"order":50003}'),
(75,102,'order','9004','landed','2026-11-20 09:05:04.665000','run-9','{"order":50004}'),
(76,102,'order','9005','landed','2026-11-20 09:05:04.665000','run-9','{"order":50005}'),
(77,102,'order','9006','landed','2026-11-20 09:05:04.665000','run-9','{"order":50006}'),
(78,102,'order','9007','landed','2026-11-20 09:05:04.665000','run-9','{"order":50007}'),
(79,102,'order','9104','landed','2026-11-20 09:05:04.665000','run-9','{"order":50008}'),
(80,102,'order','9002','acknowledged','2026-11-20 09:05:04.715000','run-9','{"order":50002}'),
(81,102,'order','9003','acknowledged','2026-11-20 09:05:04.720000','run-9','{"order":50003}'),
(82,102,'invoicing','9004','intent','2026-11-20 09:05:04.720000','run-9','{"payload_hash":"ed08f7dd4f935097574adfa525684a95e49dc663631961071a6c25bf02354a72"}'),
(83,102,'order','9004','acknowledged','2026-11-20 09:05:04.765000','run-9','{"order":50004}'),
(84,102,'order','9005','acknowledged','2026-11-20 09:05:04.770000','run-9','{"order":50005}'),
(85,102,'invoicing','9006','intent','2026-11-20 09:05:04.770000','run-9','{"payload_hash":"6fe5044edcb366d44769bfb9296fde0882b2b15e44d0184d1643e620901ac7ea"}'),
(86,102,'order','9006','acknowledged','2026-11-20 09:05:04.815000','run-9','{"order":50006}'),
(87,102,'order','9007','acknowledged','2026-11-20 09:05:04.820000','run-9','{"order":50007}'),
(88,102,'order','9004','paid','2026-11-20 09:05:04.865000','run-9','{"day":"2026-11-19","order":50004}'),
(89,102,'invoices','9002','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(90,102,'invoices','9003','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(91,102,'invoices','9004','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(92,102,'invoices','9005','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(93,102,'invoices','9006','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(94,102,'invoices','9007','settled','2026-11-20 09:05:04.865000','run-9',NULL),
(95,102,'invoices','9104','held','2026-11-20 09:05:04.865000','run-9','{"reason":"Finago total differs"}'),
(96,102,'project','557','updated','2026-11-20 10:00:05.680000','run-11','{"members":["name"],"project":12347}'),
(97,102,'order','9008','intent','2026-11-20 10:00:06.230000','run-12','{"payload_hash":"f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446"}'),
(98,102,'order','9009','intent','2026-11-20 10:00:06.230000','run-12','{"payload_hash":"6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f"}'),
(99,102,'order','9102','intent','2026-11-20 10:00:06.230000','run-12','{"payload_hash":"b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811"}'),
(100,102,'order','9008','uncertain','2026-11-20 10:00:06.280000','run-12','{"why":"the connection broke before the reply was complete."}'),
(101,102,'order','9009','uncertain','2026-11-20 10:00:06.280000','run-12','{"why":"the connection broke before the reply was complete."}'),
(102,102,'order','9102','uncertain','2026-11-20 10:00:06.280000','run-12','{"why":"the connection broke before the reply was complete."}'),
(103,102,'order','8902','paid','2026-11-20 10:00:06.430000','run-12','{"day":"2026-11-20","order":40012}'),
(104,102,'invoices','9008','uncertain','2026-11-20 10:00:06.430000','run-12',NULL),
(105,102,'invoices','9009','uncertain','2026-11-20 10:00:06.430000','run-12',NULL),
(106,102,'invoices','9010','held','2026-11-20 10:00:06.430000','run-12','{"reason":"waits for its original"}'),
(107,102,'invoices','9101','held','2026-11-20 10:00:06.430000','run-12','{"reason":"unknown currency"}'),
(108,102,'invoices','9102','uncertain','2026-11-20 10:00:06.430000','run-12',NULL),
(109,102,'invoices','8902','settled','2026-11-20 10:00:06.430000','run-12',NULL),
(110,102,'cost','finago:102:2026-3-20005:12346','intent','2026-11-20 10:00:06.990000','run-13','{"payload_hash":"a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6"}'),
(111,102,'cost','finago:102:2026-3-20005:12346','landed','2026-11-20 10:00:06.995000','run-13','{"id":36}'),
(112,102,'cost','finago:102:2026-3-20005:12345','deleted','2026-11-20 10:00:07.005000','run-13','{"id":35}'),
(113,102,'order','9008','landed','2026-11-20 10:15:07.320000','run-15','{"found":"by look-up","order":50009}'),
(114,102,'order','9009','landed','2026-11-20 10:15:07.320000','run-15','{"found":"by look-up","order":50010}'),
(115,102,'order','9102','quarantined','2026-11-20 10:15:07.320000','run-15','{"why":"Finago has order 50011 for invoice 9102, but with customer 4720 instead of 4711."}'),
(116,102,'invoicing','9008','intent','2026-11-20 10:15:07.920000','run-15','{"payload_hash":"7e0c963cbf40dd86f7470595e9e3a1baf9545a6a3d87439b4d10e87db3700c50"}'),
(117,102,'order','9008','acknowledged','2026-11-20 10:15:07.970000','run-15','{"order":50009}'),
(118,102,'invoicing','9009','intent','2026-11-20 10:15:07.970000','run-15','{"payload_hash":"d23c9e118b8063938099f697b8c1425f12b9d01ebfb2ba87537ca060bca7266a"}'),
(119,102,'order','9009','acknowledged','2026-11-20 10:15:08.020000','run-15','{"order":50010}'),
(120,102,'order','9010','intent','2026-11-20 10:15:08.170000','run-15','{"payload_hash":"cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d"}'),
(121,102,'order','9010','landed','2026-11-20 10:15:08.220000','run-15','{"order":50012}'),
(122,102,'invoicing','9010','intent','2026-11-20 10:15:08.270000','run-15','{"payload_hash":"66988a54b81dd4425fae3962ae4892d7d3147852d210b842717d5d26f7857538"}'),
(123,102,'order','9010','acknowledged','2026-11-20 10:15:08.320000','run-15','{"order":50012}'),
(124,102,'order','9009','paid','2026-11-20 10:15:08.370000','run-15','{"day":"2026-11-19","order":50010}'),
(125,102,'invoices','9008','settled','2026-11-20 10:15:08.370000','run-15',NULL),
(126,102,'invoices','9009','settled','2026-11-20 10:15:08.370000','run-15',NULL),
(127,102,'invoices','9010','settled','2026-11-20 10:15:08.370000','run-15',NULL),
(128,102,'invoices','9105','held','2026-11-20 10:17:10.935000','run-23','{"reason":"unknown currency"}');
CREATE TABLE installation (
	id INTEGER NOT NULL, 
	installation_id TEXT NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (id), 
	CONSTRAINT ck_installation_ck_installation_only_one CHECK (id = 1)
);
INSERT INTO "installation" VALUES
(1,'00000000-0000-4000-8000-000000000001');
CREATE TABLE intents (
	id INTEGER NOT NULL, 
	client_id BIGINT NOT NULL, 
	office_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	payload_hash TEXT NOT NULL, 
	expected TEXT NOT NULL, 
	committed_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	lookups INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	detail TEXT, 
	CONSTRAINT pk_intents PRIMARY KEY (id)
);
INSERT INTO "intents" VALUES
(1,50103,103,'company','customer:90','b5e00392cd0e197e3cffe19a3d0c1b0f763b3caa17331068c0e50d4a3dcb105f','{"type":"Business"}','2026-11-20 09:00:00.700000','landed',0,'2026-11-20 09:00:00.750000','{"company":5001}'),
(2,50103,103,'project','22345','becbe0be48def6b5f5e623bf6ca649ae1c91d3c8451fae08fce1f53cdaa093de','{"name_hash":"dae7c4e87f508b551c4539b2aeedb596c04161efa38aa1a4f8354f951edcea4f","project_id":655}','2026-11-20 09:00:00.760000','landed',0,'2026-11-20 09:00:00.800000','{}'),
(3,50103,103,'order','9201','dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e','{"credited_invoice_id":null,"currency":"NOK","customer_id":5001,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":22345,"to_be_invoiced":1,"total":"12500.00"}','2026-11-20 09:00:00.800000','landed',0,'2026-11-20 09:00:00.850000','{"order":50001}'),
(4,50103,103,'invoicing','9201','1745e374219cea5573c99236d9824dd5ec0c886d0b35fd35ba534b6810dff33c','{"order_id":50001}','2026-11-20 09:00:00.900000','landed',0,'2026-11-20 09:00:00.950000','{"invoice":10001}'),
(5,50102,102,'company','customer:79','588d479536f0308be8ec7aa454a7169104f5410a4bcf7ebfcd100e7ea615f957','{"type":"Business"}','2026-11-20 09:00:01.500000','landed',0,'2026-11-20 09:00:01.550000','{"company":5001}'),
(6,50102,102,'project','12345','b945e5a3c533e41b7a58e5fcd2ac3fc9dcd40dfe6c6de8cea65ed61629865829','{"name_hash":"6364b967f61e2e73fab624d95b817e485ad7b057cb75675e5f2c8b66549568ea","project_id":555}','2026-11-20 09:00:01.575000','landed',0,'2026-11-20 09:00:01.600000','{}'),
(7,50102,102,'project','12347','5468f0bfa5365fd8b06c3749b1ea342f77f1e25fe420dda0bd623fcf444339de','{"name_hash":"e7a4baf1788a2bfed41036d330b9a71a9add472993b507877e46fdb28d2a232f","project_id":557}','2026-11-20 09:00:01.650000','landed',0,'2026-11-20 09:00:01.700000','{}'),
(8,50102,102,'order','9001','b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f','{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":2,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"20808.75"}','2026-11-20 09:00:02.500000','landed',0,'2026-11-20 09:00:02.550000','{"order":50001}'),
(9,50102,102,'sale','finago:102:2026-1-20001:12345','c0b5b4cc9cf94b766159763841a55cfa9ccc9dc47d72eb514426a2dbffcf294d','{"amount":"10000.00","project_id":555}','2026-11-20 09:00:03.300000','landed',0,'2026-11-20 09:00:03.300000','{"id":31}'),
(10,50102,102,'cost','finago:102:2026-3-20001:12345','d699b411a872728fb8f3910532717dce1aaabf4045cd2bd3ff38338220918331','{"amount":"33.33","project_id":555}','2026-11-20 09:00:03.300000','landed',0,'2026-11-20 09:00:03.305000','{"id":31}'),
(11,50102,102,'cost','finago:102:2026-3-20001:12346','883701ecc4e2527fea17a7f3e4c6f0ea491c839b98cfa0f89c1a2e68bd5b4d0f','{"amount":"66.68","project_id":556}','2026-11-20 09:00:03.305000','landed',0,'2026-11-20 09:00:03.310000','{"id":32}'),
(12,50102,102,'cost','finago:102:2026-3-20002:12346','209aba1d31c386787c068e037673e6a2ccbd30b728a0b92d339edaa8d866d486','{"amount":"-800.00","project_id":556}','2026-11-20 09:00:03.310000','landed',0,'2026-11-20 09:00:03.315000','{"id":33}'),
(13,50102,102,'cost','finago:102:2026-3-20004:12345','723dcb8159a5aec7987704cb78bdfdbcb1c4ef4d2236443bd1d2c2d95efc7aeb','{"amount":"8000.00","project_id":555}','2026-11-20 09:00:03.315000','landed',0,'2026-11-20 09:00:03.320000','{"id":34}'),
(14,50102,102,'cost','finago:102:2026-3-20005:12345','27dce1a9998d53e267f38a2637712edb784696d2da207c640d611ad8c818727c','{"amount":"640.00","project_id":555}','2026-11-20 09:00:03.320000','landed',0,'2026-11-20 09:00:03.325000','{"id":35}'),
(15,50102,102,'company','consumer:5062d45f502fb56caea276ac3fe783fa176e211cfca231fe9925da5fa49a4153','8a8c935a05ca00aa8902e7c98e1d57df8d8ba7a21237665c3a0eef735f605e0c','{"type":"Consumer"}','2026-11-20 09:05:04.515000','landed',0,'2026-11-20 09:05:04.565000','{"company":5002}'),
(16,50102,102,'company','consumer:847e35327c81caae64389792b3b312b037be502abdf2a9e4873390306d2d4d8c','c11489db30311b5e41791ed20da965c75134fc50dadca000cafc50b334b31835','{"type":"Consumer"}','2026-11-20 09:05:04.565000','landed',0,'2026-11-20 09:05:04.615000','{"company":5003}'),
(17,50102,102,'order','9002','53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b','{"credited_invoice_id":null,"currency":"NOK","customer_id":4712,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":0,"total":"65625.00"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50002}'),
(18,50102,102,'order','9003','8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772','{"credited_invoice_id":null,"currency":"NOK","customer_id":5002,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":0,"total":"12500.00"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50003}'),
(19,50102,102,'order','9004','21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa','{"credited_invoice_id":null,"currency":"NOK","customer_id":5003,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":1,"total":"12500.00"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50004}'),
(20,50102,102,'order','9005','ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277','{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"9970.50"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50005}'),
(21,50102,102,'order','9006','15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2','{"credited_invoice_id":8901,"currency":"NOK","customer_id":4712,"exact":0,"factored":0,"is_card":0,"is_credit":1,"line_count":1,"order_date":"2026-11-19","project_id":12346,"to_be_invoiced":1,"total":"-12500.00"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50006}'),
(22,50102,102,'order','9007','4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce','{"credited_invoice_id":null,"currency":"EUR","customer_id":5001,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"2624.25"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50007}'),
(23,50102,102,'order','9104','8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd','{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":0,"factored":0,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":0,"total":"12500.00"}','2026-11-20 09:05:04.615000','landed',0,'2026-11-20 09:05:04.665000','{"order":50008}'),
(24,50102,102,'invoicing','9004','ed08f7dd4f935097574adfa525684a95e49dc663631961071a6c25bf02354a72','{"order_id":50004}','2026-11-20 09:05:04.720000','landed',0,'2026-11-20 09:05:04.765000','{"invoice":10003}'),
(25,50102,102,'invoicing','9006','6fe5044edcb366d44769bfb9296fde0882b2b15e44d0184d1643e620901ac7ea','{"order_id":50006}','2026-11-20 09:05:04.770000','landed',0,'2026-11-20 09:05:04.815000','{"invoice":10004}'),
(26,50102,102,'order','9008','f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446','{"credited_invoice_id":null,"currency":"NOK","customer_id":4716,"exact":1,"factored":1,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12347,"to_be_invoiced":1,"total":"12500.00"}','2026-11-20 10:00:06.230000','landed',1,'2026-11-20 10:15:07.320000','{"found":"by look-up","order":50009}'),
(27,50102,102,'order','9009','6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f','{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":1,"factored":0,"is_card":1,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"12500.00"}','2026-11-20 10:00:06.230000','landed',1,'2026-11-20 10:15:07.320000','{"found":"by look-up","order":50010}'),
(28,50102,102,'order','9102','b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811','{"credited_invoice_id":null,"currency":"NOK","customer_id":4711,"exact":1,"factored":1,"is_card":0,"is_credit":0,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"12500.00"}','2026-11-20 10:00:06.230000','quarantined',1,'2026-11-20 10:15:07.320000','{"why":"Finago has order 50011 for invoice 9102, but with customer 4720 instead of 4711."}'),
(29,50102,102,'cost','finago:102:2026-3-20005:12346','a17e616ff9d08a04083f9a40d83db1ea6abe0ee36e125c880104b86392d399d6','{"amount":"640.00","project_id":556}','2026-11-20 10:00:06.990000','landed',0,'2026-11-20 10:00:06.995000','{"id":36}'),
(30,50102,102,'invoicing','9008','7e0c963cbf40dd86f7470595e9e3a1baf9545a6a3d87439b4d10e87db3700c50','{"order_id":50009}','2026-11-20 10:15:07.920000','landed',0,'2026-11-20 10:15:07.970000','{"invoice":10005}'),
(31,50102,102,'invoicing','9009','d23c9e118b8063938099f697b8c1425f12b9d01ebfb2ba87537ca060bca7266a','{"order_id":50010}','2026-11-20 10:15:07.970000','landed',0,'2026-11-20 10:15:08.020000','{"invoice":10006}'),
(32,50102,102,'order','9010','cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d','{"credited_invoice_id":9009,"currency":"NOK","customer_id":4711,"exact":1,"factored":0,"is_card":1,"is_credit":1,"line_count":1,"order_date":"2026-11-19","project_id":12345,"to_be_invoiced":1,"total":"-12500.00"}','2026-11-20 10:15:08.170000','landed',0,'2026-11-20 10:15:08.220000','{"order":50012}'),
(33,50102,102,'invoicing','9010','66988a54b81dd4425fae3962ae4892d7d3147852d210b842717d5d26f7857538','{"order_id":50012}','2026-11-20 10:15:08.270000','landed',0,'2026-11-20 10:15:08.320000','{"invoice":10007}');
CREATE TABLE judged_vouchers (
	office_id BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	type_id BIGINT NOT NULL, 
	fiscal_year INTEGER NOT NULL, 
	seen BLOB NOT NULL, 
	judged_with TEXT NOT NULL, 
	changed_on DATE, 
	judged_at DATETIME NOT NULL, 
	CONSTRAINT pk_judged_vouchers PRIMARY KEY (office_id, number, type_id, fiscal_year)
);
INSERT INTO "judged_vouchers" VALUES
(102,20001,1,2026,X'5360DF510F6A8803BCB3EFE613AF0EA2F1134A5A8FB8C3CC','36f50771914178e7','2026-11-20','2026-11-20 09:00:03.325000'),
(102,20001,2,2026,X'682DB72C7683806CC07BA79E8BAD9589','36f50771914178e7','2026-11-20','2026-11-20 09:05:05.265000'),
(102,20001,3,2026,X'5461421EBC40850B5D3D8F27A8B27449DDEDB2DF94CB01E5','36f50771914178e7','2026-11-20','2026-11-20 09:00:03.325000'),
(102,20002,1,2026,X'3FA9FA7ECF814C2DB48A76C5F9A87AA1BAF21551487C9895','36f50771914178e7','2026-11-20','2026-11-20 09:05:05.265000'),
(102,20002,2,2026,X'4D0FB2D44BA2469EE9167C1EB106E78C','36f50771914178e7','2026-11-20','2026-11-20 10:00:06.995000'),
(102,20002,3,2026,X'1A338E0039DD5750BE99C69BDD10BAEDE0DD09A6D4C7CD59','36f50771914178e7','2026-11-20','2026-11-20 09:00:03.325000'),
(102,20003,1,2026,X'27D56D9CFC7954315C20240780D7189F86FF6041FF814D71','36f50771914178e7','2026-11-20','2026-11-20 09:05:05.265000'),
(102,20003,2,2026,X'0F076BD4D7B27C04E75F8B4AC24DCE96','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(102,20003,3,2026,X'74669A96F16D18CA8C088C52BF629588FBFEFD7E9A9A6B07','open','2026-11-20','2026-11-20 10:17:10.335000'),
(102,20004,1,2026,X'0055B2576C89A9D6779728D5B912570BA379AABE81E6DF69','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(102,20004,2,2026,X'1E6840BDDA5207EC52BD6E0BFB786CDE','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(102,20004,3,2026,X'619CF1454C77A890CA9B22BF24C85CC9E38EFC84C65C8936','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(102,20005,1,2026,X'25DE46C2E61EA2327ACE09EA4ABC2CA3BF648CD4D5A7DB6E','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(102,20005,3,2026,X'1AD347D438907A6356A5B4EAF61892A8E79084235DD2EF52','36f50771914178e7','2026-11-20','2026-11-20 10:00:07.005000'),
(102,20006,1,2026,X'0F0CB5312BDF077321ADA11969CE8439EDD2FDE40E49546F','36f50771914178e7','2026-11-20','2026-11-20 10:15:08.870000'),
(103,20001,1,2026,X'72A2FD90235AF8329B30E0315E807B47BEC478BED1BB03F4','36f50771914178e7','2026-11-20','2026-11-20 09:00:03.600000'),
(103,20001,2,2026,X'200BB88A2C4025C17008C054F2DCFD90','36f50771914178e7','2026-11-20','2026-11-20 09:00:03.600000');
CREATE TABLE leases (
	lane TEXT NOT NULL, 
	fence BIGINT NOT NULL, 
	holder TEXT, 
	expires_at DATETIME, 
	CONSTRAINT pk_leases PRIMARY KEY (lane)
);
INSERT INTO "leases" VALUES
('50102:finago',11,NULL,NULL),
('50102:qondor-costs',5,NULL,NULL),
('50103:finago',5,NULL,NULL),
('50103:qondor-costs',2,NULL,NULL);
CREATE TABLE ledger_readings (
	office_id BIGINT NOT NULL, 
	read_until DATETIME, 
	swept_at DATETIME, 
	CONSTRAINT pk_ledger_readings PRIMARY KEY (office_id)
);
INSERT INTO "ledger_readings" VALUES
(102,'2026-11-20 10:17:09.885000','2026-11-20 09:00:03.325000'),
(103,'2026-11-20 10:17:10.335000','2026-11-20 09:00:03.600000');
CREATE TABLE listed_projects (
	office_id BIGINT NOT NULL, 
	project_id BIGINT NOT NULL, 
	listed_at DATETIME NOT NULL, 
	CONSTRAINT pk_listed_projects PRIMARY KEY (office_id, project_id)
);
INSERT INTO "listed_projects" VALUES
(102,555,'2026-11-20 09:00:02.810000'),
(102,556,'2026-11-20 09:00:02.820000'),
(102,557,'2026-11-20 09:00:02.830000'),
(102,561,'2026-11-20 09:00:02.840000'),
(103,655,'2026-11-20 09:00:03.410000');
CREATE TABLE offices (
	office_id BIGINT NOT NULL, 
	client_id BIGINT NOT NULL, 
	learned_at DATETIME NOT NULL, 
	CONSTRAINT pk_offices PRIMARY KEY (office_id)
);
INSERT INTO "offices" VALUES
(102,50102,'2026-11-20 10:17:10.435000'),
(103,50103,'2026-11-20 10:17:10.335000');
CREATE TABLE order_links (
	invoice_id BIGINT NOT NULL, 
	client_id BIGINT NOT NULL, 
	office_id BIGINT NOT NULL, 
	order_id BIGINT NOT NULL, 
	total TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	order_date DATE NOT NULL, 
	line_count INTEGER NOT NULL, 
	to_be_invoiced BOOLEAN NOT NULL, 
	exact BOOLEAN NOT NULL, 
	factored BOOLEAN NOT NULL, 
	is_card BOOLEAN NOT NULL, 
	is_credit BOOLEAN NOT NULL, 
	credited_invoice_id BIGINT, 
	invoice_number BIGINT, 
	linked_at DATETIME NOT NULL, 
	verified_at DATETIME, 
	acknowledged_at DATETIME, 
	paid_on DATE, 
	payment_reported_at DATETIME, 
	payment_asked_at DATETIME, 
	CONSTRAINT pk_order_links PRIMARY KEY (invoice_id), 
	CONSTRAINT uq_order_links_client_id_order_id UNIQUE (client_id, order_id)
);
INSERT INTO "order_links" VALUES
(8901,50102,102,40011,'12500.00','NOK','2026-11-02',1,1,0,0,0,0,NULL,10001,'2026-11-20 09:00:02.660000',NULL,'2026-11-20 09:00:02.660000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(8902,50102,102,40012,'12500.00','NOK','2026-11-02',1,1,0,0,0,0,NULL,10002,'2026-11-20 09:00:02.655000',NULL,'2026-11-20 09:00:02.655000','2026-11-20','2026-11-20 10:00:06.430000','2026-11-20 10:00:06.430000'),
(9001,50102,102,50001,'20808.75','NOK','2026-11-19',2,0,0,0,0,0,NULL,NULL,'2026-11-20 09:00:02.500000','2026-11-20 09:00:02.600000','2026-11-20 09:00:02.600000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9002,50102,102,50002,'65625.00','NOK','2026-11-19',1,0,0,0,0,0,NULL,NULL,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.715000','2026-11-20 09:05:04.715000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9003,50102,102,50003,'12500.00','NOK','2026-11-19',1,0,0,0,0,0,NULL,NULL,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.715000','2026-11-20 09:05:04.720000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9004,50102,102,50004,'12500.00','NOK','2026-11-19',1,1,1,0,1,0,NULL,10003,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.720000','2026-11-20 09:05:04.765000','2026-11-19','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000'),
(9005,50102,102,50005,'9970.50','NOK','2026-11-19',1,0,0,0,0,0,NULL,NULL,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.765000','2026-11-20 09:05:04.770000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9006,50102,102,50006,'-12500.00','NOK','2026-11-19',1,1,0,0,0,1,8901,10004,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.770000','2026-11-20 09:05:04.815000',NULL,NULL,NULL),
(9007,50102,102,50007,'2624.25','EUR','2026-11-19',1,0,0,0,0,0,NULL,NULL,'2026-11-20 09:05:04.615000','2026-11-20 09:05:04.815000','2026-11-20 09:05:04.820000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9008,50102,102,50009,'12500.00','NOK','2026-11-19',1,1,1,1,0,0,NULL,10005,'2026-11-20 10:15:07.320000','2026-11-20 10:15:07.920000','2026-11-20 10:15:07.970000',NULL,NULL,'2026-11-20 10:17:10.935000'),
(9009,50102,102,50010,'12500.00','NOK','2026-11-19',1,1,1,0,1,0,NULL,10006,'2026-11-20 10:15:07.320000','2026-11-20 10:15:07.970000','2026-11-20 10:15:08.020000','2026-11-19','2026-11-20 10:15:08.370000','2026-11-20 10:15:08.370000'),
(9010,50102,102,50012,'-12500.00','NOK','2026-11-19',1,1,1,0,1,1,9009,10007,'2026-11-20 10:15:08.170000','2026-11-20 10:15:08.270000','2026-11-20 10:15:08.320000',NULL,NULL,NULL),
(9104,50102,102,50008,'12500.00','NOK','2026-11-19',1,0,0,0,0,0,NULL,NULL,'2026-11-20 09:05:04.615000',NULL,NULL,NULL,NULL,NULL),
(9201,50103,103,50001,'12500.00','NOK','2026-11-19',1,1,1,0,1,0,NULL,10001,'2026-11-20 09:00:00.800000','2026-11-20 09:00:00.900000','2026-11-20 09:00:00.950000','2026-11-19','2026-11-20 09:00:01.000000','2026-11-20 09:00:01.000000');
CREATE TABLE project_links (
	client_id BIGINT NOT NULL, 
	project_id BIGINT NOT NULL, 
	finago_project_id BIGINT NOT NULL, 
	office_id BIGINT NOT NULL, 
	linked_at DATETIME NOT NULL, 
	CONSTRAINT pk_project_links PRIMARY KEY (client_id, project_id)
);
INSERT INTO "project_links" VALUES
(50102,555,12345,102,'2026-11-20 09:00:01.600000'),
(50102,556,12346,102,'2026-11-20 09:00:01.650000'),
(50102,557,12347,102,'2026-11-20 10:00:05.680000'),
(50103,655,22345,103,'2026-11-20 09:00:00.800000');
CREATE TABLE runs (
	run_id TEXT NOT NULL, 
	office_id BIGINT NOT NULL, 
	flow TEXT NOT NULL, 
	day DATE NOT NULL, 
	"trigger" TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	complete BOOLEAN, 
	result TEXT, 
	CONSTRAINT pk_runs PRIMARY KEY (run_id)
);
INSERT INTO "runs" VALUES
('run-1',103,'invoices','2026-11-20','sensor','2026-11-20 09:00:00.000000','2026-11-20 09:00:01.005000',1,'{"calls":{"finago":21,"qondor":12},"created":1,"day":"2026-11-20","flow":"invoices","office":103,"paid":1,"rejected":[{"id":9202,"reason":"Invoice 9202 is not linked to a project. Every invoice needs a project: delete it in Qondor, link it to one and issue it again."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-10',102,'costs-and-sales','2026-11-20','schedule','2026-11-20 09:05:04.865000','2026-11-20 09:05:05.265000',1,'{"calls":{"finago":8,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":3,"updated":0}'),
('run-11',102,'customers-and-projects','2026-11-20','schedule','2026-11-20 10:00:05.265000','2026-11-20 10:00:05.680000',1,'{"calls":{"finago":9,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":7,"updated":1}'),
('run-12',102,'invoices','2026-11-20','cli','2026-11-20 10:00:05.680000','2026-11-20 10:00:06.430000',0,'{"calls":{"finago":15,"qondor":13},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9010,"reason":"Credit note 9010 waits for invoice 9009, which it credits. Settle that invoice; the credit note then goes by itself."},{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9008,9009,9102],"unchanged":6,"updated":0}'),
('run-13',102,'costs-and-sales','2026-11-20','schedule','2026-11-20 10:00:06.430000','2026-11-20 10:00:07.005000',0,'{"calls":{"finago":11,"qondor":7},"created":1,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"problems":["qondor PutCost: the connection broke before the reply was complete. Nothing was lost: the next run tries again. If it stays so, check the network and the address."],"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":1,"updated":1}'),
('run-14',102,'customers-and-projects','2026-11-20','schedule','2026-11-20 10:15:07.005000','2026-11-20 10:15:07.220000',1,'{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-15',102,'invoices','2026-11-20','cli','2026-11-20 10:15:07.220000','2026-11-20 10:15:08.370000',0,'{"calls":{"finago":23,"qondor":16},"created":1,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-16',102,'costs-and-sales','2026-11-20','schedule','2026-11-20 10:15:08.370000','2026-11-20 10:15:08.870000',1,'{"calls":{"finago":10,"qondor":2},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":6,"updated":0}'),
('run-17',102,'customers-and-projects','2026-11-20','schedule','2026-11-20 10:17:08.870000','2026-11-20 10:17:09.085000',1,'{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-18',103,'customers-and-projects','2026-11-20','schedule','2026-11-20 10:17:09.085000','2026-11-20 10:17:09.385000',1,'{"calls":{"finago":6,"qondor":3},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-19',102,'invoices','2026-11-20','cli','2026-11-20 10:17:09.385000','2026-11-20 10:17:09.885000',0,'{"calls":{"finago":10,"qondor":7},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-2',102,'customers-and-projects','2026-11-20','schedule','2026-11-20 09:00:01.005000','2026-11-20 09:00:01.700000',1,'{"calls":{"finago":14,"qondor":10},"created":3,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":3}'),
('run-20',103,'invoices','2026-11-20','cli','2026-11-20 10:17:09.885000','2026-11-20 10:17:09.885000',1,'{"calls":{"finago":0,"qondor":1},"created":0,"day":"2026-11-20","flow":"invoices","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-21',102,'costs-and-sales','2026-11-20','schedule','2026-11-20 10:17:09.885000','2026-11-20 10:17:10.335000',1,'{"calls":{"finago":9,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-22',103,'costs-and-sales','2026-11-20','schedule','2026-11-20 10:17:10.335000','2026-11-20 10:17:10.435000',1,'{"calls":{"finago":2,"qondor":1},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-23',102,'invoices','2026-11-20','cli','2026-11-20 10:17:10.435000','2026-11-20 10:17:10.935000',0,'{"calls":{"finago":10,"qondor":8},"created":0,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.","The order of 9102 is quarantined: what Finago holds may be it or not. Look at it in Finago, then run `qondor-finago retry --invoice 9102` with --link ORDER or --as-new."],"rejected":[{"id":9101,"reason":"Invoice 9101: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."},{"id":9105,"reason":"Invoice 9105: its currency ISK is not among Finago''s currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."}],"seconds":0.0,"uncertain":[9102],"unchanged":7,"updated":0}'),
('run-3',103,'customers-and-projects','2026-11-20','schedule','2026-11-20 09:00:01.700000','2026-11-20 09:00:01.900000',1,'{"calls":{"finago":4,"qondor":3},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-4',102,'invoices','2026-11-20','cli','2026-11-20 09:00:01.900000','2026-11-20 09:00:02.700000',0,'{"calls":{"finago":16,"qondor":10},"created":1,"day":"2026-11-20","flow":"invoices","office":102,"paid":0,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9005,"reason":"Invoice 9005 waits: the first orders sent to this Finago client have to be looked at by a person. Check them in Finago, then run `qondor-finago confirm --office 102`."},{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."}],"seconds":0.0,"uncertain":[],"unchanged":3,"updated":0}'),
('run-5',103,'invoices','2026-11-20','cli','2026-11-20 09:00:02.700000','2026-11-20 09:00:02.700000',1,'{"calls":{"finago":0,"qondor":1},"created":0,"day":"2026-11-20","flow":"invoices","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-6',102,'costs-and-sales','2026-11-20','schedule','2026-11-20 09:00:02.700000','2026-11-20 09:00:03.325000',1,'{"calls":{"finago":12,"qondor":15},"created":6,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":102,"paid":0,"rejected":[{"id":"2026-3-20003","kind":"voucher","reason":"Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id). Correct the project of the line in Finago, or the project number in Qondor; the next run loads it."},{"id":"2026-5-20001","kind":"voucher","reason":"Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00. Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then."}],"seconds":0.0,"uncertain":[],"unchanged":0,"updated":0}'),
('run-7',103,'costs-and-sales','2026-11-20','schedule','2026-11-20 09:00:03.325000','2026-11-20 09:00:03.600000',1,'{"calls":{"finago":6,"qondor":3},"created":0,"day":"2026-11-20","first_day":"2026-11-06","flow":"costs-and-sales","office":103,"paid":0,"rejected":[],"seconds":0.0,"uncertain":[],"unchanged":2,"updated":0}'),
('run-8',102,'customers-and-projects','2026-11-20','schedule','2026-11-20 09:05:03.600000','2026-11-20 09:05:03.815000',1,'{"calls":{"finago":5,"qondor":4},"created":0,"day":"2026-11-20","flow":"customers-and-projects","office":102,"paid":0,"rejected":[{"id":80,"kind":"customer","reason":"Customer 80: its External Reference ''ABC-17'' is no Finago Company ID. Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field."}],"seconds":0.0,"uncertain":[],"unchanged":8,"updated":0}'),
('run-9',102,'invoices','2026-11-20','cli','2026-11-20 09:05:03.815000','2026-11-20 09:05:04.865000',0,'{"calls":{"finago":21,"qondor":18},"created":7,"day":"2026-11-20","flow":"invoices","office":102,"paid":1,"problems":["Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."],"rejected":[{"id":9103,"reason":"Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345. Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not."},{"id":9104,"reason":"Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor. Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again."}],"seconds":0.0,"uncertain":[],"unchanged":7,"updated":0}');
CREATE TABLE sessions (
	credential_key TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	ciphertext BLOB, 
	stored_at DATETIME, 
	refused_for TEXT, 
	refused_message TEXT, 
	login_holder TEXT, 
	login_until DATETIME, 
	CONSTRAINT pk_sessions PRIMARY KEY (credential_key)
);
INSERT INTO "sessions" VALUES
('1af9d56ff7162ad9af8eb336bf1e0a0ca20bad7a4b94e5be283b21d954d9e89c',2,X'67414141414142724141775141414543417751464267634943516F4C4441304F4439627A5F66796738466B46674644306B4259714C504F4764726D457153706C4D756F7A7345644758476C347970554F502D752D4E5754374B5778363179313646673D3D','2026-11-20 10:00:05.330000',NULL,NULL,NULL,NULL),
('28d6f30421c183b336635f53f28456a9d6c50564f485052bdb8e27a9f22eb919',2,X'67414141414142724141775141414543417751464267634943516F4C4441304F44795F7A6C6E497348526342426348744A716D2D463451336F716D47474947695358774D3745564C4737455034716974304153456F30307672412D526B366A6D63773D3D','2026-11-20 10:17:09.185000',NULL,NULL,NULL,NULL);
CREATE TABLE standings (
	office_id BIGINT NOT NULL, 
	flow TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT, 
	message TEXT NOT NULL, 
	remedy TEXT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	run_id TEXT NOT NULL, 
	content_hash TEXT, 
	CONSTRAINT pk_standings PRIMARY KEY (office_id, flow, "key")
);
INSERT INTO "standings" VALUES
(102,'costs-and-sales','voucher 2026-1-20001','settled',NULL,'','','2026-11-20 09:00:03.325000','2026-11-20 09:00:03.325000','run-6',NULL),
(102,'costs-and-sales','voucher 2026-3-20001','settled',NULL,'','','2026-11-20 09:00:03.325000','2026-11-20 09:00:03.325000','run-6',NULL),
(102,'costs-and-sales','voucher 2026-3-20002','settled',NULL,'','','2026-11-20 09:00:03.325000','2026-11-20 09:00:03.325000','run-6',NULL),
(102,'costs-and-sales','voucher 2026-3-20003','held','no project in Qondor','Voucher 20003 of series 3 in 2026 has amounts for no project in Qondor: 500.00 on account 6300 for Finago project 99999 (no project in Qondor has this Finago project id).','Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.','2026-11-20 09:00:03.325000','2026-11-20 10:17:10.335000','run-21',NULL),
(102,'costs-and-sales','voucher 2026-3-20004','settled',NULL,'','','2026-11-20 09:00:03.325000','2026-11-20 09:00:03.325000','run-6',NULL),
(102,'costs-and-sales','voucher 2026-3-20005','settled',NULL,'','','2026-11-20 09:00:03.325000','2026-11-20 10:00:07.005000','run-13',NULL),
(102,'costs-and-sales','voucher 2026-5-20001','held','unbalanced','Voucher 20001 of series 5 in 2026 does not balance: its 2 lines sum to 1.00 instead of 0.00: line 1 account 6300 100.00; line 2 account 2400 -99.00.','Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.','2026-11-20 09:00:03.325000','2026-11-20 10:17:10.335000','run-21',NULL),
(102,'customers-and-projects','customer 77','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','customer 78','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','customer 79','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','customer 80','held','invalid customer reference','Customer 80: its External Reference ''ABC-17'' is no Finago Company ID.','Enter the Company ID, a whole number, in the customer''s External Reference in Qondor, or empty the field.','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','customer 83','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','project 555','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','project 556','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','project 557','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'customers-and-projects','project 561','settled',NULL,'','','2026-11-20 09:00:01.700000','2026-11-20 10:17:09.085000','run-17',NULL),
(102,'invoices','8902','settled',NULL,'','','2026-11-20 10:00:06.430000','2026-11-20 10:00:06.430000','run-12',NULL),
(102,'invoices','9001','settled',NULL,'','','2026-11-20 09:00:02.700000','2026-11-20 09:00:02.700000','run-4','b9b99c878add2cbad3f8874870a97e20512d89d2914af7020e4306e0c4096c3f'),
(102,'invoices','9002','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','53289d0bb0983f15f0fcc3caafb3c444b9429f0a144527634049b6022119328b'),
(102,'invoices','9003','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','8679e6b81436becad82a750c787d80e9b9266409597d0f84e4bb740b43a9e772'),
(102,'invoices','9004','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','21688f3344f0bdbffa6b4eb74d402dc23cad42e9603382069cf762cf06ad6aaa'),
(102,'invoices','9005','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','ff11f1d7d4965c5ee4c4abfc518b1a15deb8b721959e622ac50c3db88d01b277'),
(102,'invoices','9006','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','15982858f100dc8318f23f74dad9dcfc16c41fe2d24f3467a2e29d64a1d904f2'),
(102,'invoices','9007','settled',NULL,'','','2026-11-20 09:05:04.865000','2026-11-20 09:05:04.865000','run-9','4ec98f222aeecc7f81f0f25885a0f9e046bcb7e48bc87d1f29a456af320f13ce'),
(102,'invoices','9008','settled',NULL,'','','2026-11-20 10:15:08.370000','2026-11-20 10:15:08.370000','run-15','f0f1d7dad77afee45d7af93694d71f57f2001165e5423d77f441f6097fa7c446'),
(102,'invoices','9009','settled',NULL,'','','2026-11-20 10:15:08.370000','2026-11-20 10:15:08.370000','run-15','6fc146d8a927ca038e6b010d93efd89c356a55156b6a38127e75d6f60161760f'),
(102,'invoices','9010','settled',NULL,'','','2026-11-20 10:15:08.370000','2026-11-20 10:15:08.370000','run-15','cce6fe7e3fc43f8cb6cd9840bbd6cd44c3df812bc5d857e180129d351c9e361d'),
(102,'invoices','9101','held','unknown currency','Invoice 9101: its currency ISK is not among Finago''s currencies.','Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.','2026-11-20 10:00:06.430000','2026-11-20 10:17:10.935000','run-23','2d163172726ba99eb30cf8582081cccefce11e525c4079cfef5164afe86cfe22'),
(102,'invoices','9102','uncertain',NULL,'Invoice 9102 was sent to Finago, and nobody knows yet whether its order landed.','Nothing to do: it is looked up in Finago before anything is sent again.','2026-11-20 10:00:06.430000','2026-11-20 10:17:10.935000','run-23','b12e9bdb2d149d96561466bc7486ffa198b30ef3e987544ac5131a296736a811'),
(102,'invoices','9103','held','quarantined','Finago has order 40013 for invoice 9103, but with customer 4720 instead of 4711 and project 12346 instead of 12345.','Look at it in Finago, then run `qondor-finago retry --invoice 9103` with --link ORDER when it is this invoice''s order, or with --as-new when it is not.','2026-11-20 09:00:02.700000','2026-11-20 10:17:10.935000','run-23','bfc013fc72f635e5275777119dbf5204a97acc1157fb813a2ff9e2b17111b7e9'),
(102,'invoices','9104','held','Finago total differs','Order 50008 has a total of 12501.00 in Finago, but invoice 9104 has 12500.00 in Qondor.','Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.','2026-11-20 09:05:04.865000','2026-11-20 10:17:10.935000','run-23','8e12b7fa6629b693cdb9d0d30c8888c9b6c882dd9885b945d2258a9a40cfbbbd'),
(102,'invoices','9105','held','unknown currency','Invoice 9105: its currency ISK is not among Finago''s currencies.','Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.','2026-11-20 10:17:10.935000','2026-11-20 10:17:10.935000','run-23','2060c039e6e38faad4b06d7b7c5e4f230a9778570abca88ce46d1ec1377ee833'),
(103,'customers-and-projects','customer 90','settled',NULL,'','','2026-11-20 09:00:01.900000','2026-11-20 10:17:09.385000','run-18',NULL),
(103,'customers-and-projects','project 655','settled',NULL,'','','2026-11-20 09:00:01.900000','2026-11-20 10:17:09.385000','run-18',NULL),
(103,'invoices','9201','settled',NULL,'','','2026-11-20 09:00:01.005000','2026-11-20 09:00:01.005000','run-1','dc65fa871bfdbbfde8a800b258e7074bdae25b8078b4901821db122345e3533e'),
(103,'invoices','9202','failed','no project','Invoice 9202 is not linked to a project.','Every invoice needs a project: delete it in Qondor, link it to one and issue it again.','2026-11-20 09:00:01.005000','2026-11-20 09:00:01.005000','run-1','7a7cd666af845d3ace6838d8c795aea1f1e2d195d8edbcc1e17c5ee7a5bf21a8');
CREATE TABLE voucher_lines (
	office_id BIGINT NOT NULL, 
	line_id TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	type_id BIGINT NOT NULL, 
	fiscal_year INTEGER NOT NULL, 
	CONSTRAINT pk_voucher_lines PRIMARY KEY (office_id, line_id)
);
INSERT INTO "voucher_lines" VALUES
(102,'00000000-0000-0066-0000-000000000004',20001,3,2026),
(102,'00000000-0000-0066-0000-000000000005',20001,3,2026),
(102,'00000000-0000-0066-0000-000000000006',20001,3,2026),
(102,'00000000-0000-0066-0000-000000000007',20002,3,2026),
(102,'00000000-0000-0066-0000-000000000008',20002,3,2026),
(102,'00000000-0000-0066-0000-000000000009',20002,3,2026),
(102,'00000000-0000-0066-0000-00000000000f',20001,1,2026),
(102,'00000000-0000-0066-0000-000000000010',20001,1,2026),
(102,'00000000-0000-0066-0000-000000000011',20001,1,2026),
(102,'00000000-0000-0066-0000-000000000012',20004,3,2026),
(102,'00000000-0000-0066-0000-000000000013',20004,3,2026),
(102,'00000000-0000-0066-0000-000000000014',20004,3,2026),
(102,'00000000-0000-0066-0000-000000000015',20005,3,2026),
(102,'00000000-0000-0066-0000-000000000016',20005,3,2026),
(102,'00000000-0000-0066-0000-000000000017',20005,3,2026);
CREATE TABLE watched_flows (
	office_id BIGINT NOT NULL, 
	flow TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_watched_flows PRIMARY KEY (office_id, flow)
);
INSERT INTO "watched_flows" VALUES
(102,'costs-and-sales','2026-11-20 09:00:01.005000'),
(102,'customers-and-projects','2026-11-20 09:00:01.005000'),
(102,'invoices','2026-11-20 09:00:01.005000'),
(103,'costs-and-sales','2026-11-20 09:00:01.005000'),
(103,'customers-and-projects','2026-11-20 09:00:01.005000'),
(103,'invoices','2026-11-20 09:00:01.005000');
CREATE INDEX ix_offices_client_id ON offices (client_id);
CREATE INDEX ix_company_links_office_id ON company_links (office_id);
CREATE INDEX ix_project_links_client_id_finago_project_id ON project_links (client_id, finago_project_id);
CREATE INDEX ix_order_links_credited_invoice_id ON order_links (credited_invoice_id);
CREATE INDEX ix_order_links_unacknowledged ON order_links (office_id) WHERE acknowledged_at IS NULL;
CREATE INDEX ix_order_links_unpaid ON order_links (office_id, order_date) WHERE payment_reported_at IS NULL;
CREATE INDEX ix_intents_client_id_kind_key ON intents (client_id, kind, "key");
CREATE UNIQUE INDEX uq_intents_unsettled ON intents (client_id, kind, "key") WHERE state IN ('open', 'uncertain', 'quarantined');
CREATE INDEX ix_events_office_id_kind_key ON events (office_id, kind, "key");
CREATE TRIGGER events_never_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER events_never_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE UNIQUE INDEX uq_alerts_unresolved ON alerts (office_id, flow, cause, record) WHERE resolved_at IS NULL;
CREATE INDEX ix_runs_office_id_flow_finished_at ON runs (office_id, flow, finished_at);
CREATE INDEX ix_voucher_lines_office_id_number ON voucher_lines (office_id, number);
CREATE INDEX ix_actuals_office_id_finago_project_id_project_id ON actuals (office_id, finago_project_id, project_id);
CREATE INDEX ix_standings_open ON standings (office_id) WHERE state IN ('held', 'uncertain');
CREATE INDEX ix_alerts_end_untold ON alerts (office_id) WHERE resolved_at IS NOT NULL AND sent_at IS NOT NULL AND resolution_sent_at IS NULL;
CREATE INDEX ix_runs_complete ON runs (office_id, flow, complete, day, finished_at);
COMMIT;
