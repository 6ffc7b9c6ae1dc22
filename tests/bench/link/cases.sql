-- cases.sql - the tables of crowd_disputes as one document a case, with its parties; and the
-- cases that came to nothing and went to court, from where they come back as others (s…).
.mode csv
.import parties.csv party
.import cases.csv desk_case
CREATE INDEX party_case ON party (case_id);
CREATE TABLE document AS
SELECT c.id AS number, c.desk AS system, c.received, c.type, c.town, c.place, c.amount,
	c.narrative AS about,
	CASE c.desk WHEN '110' THEN '公安移交' WHEN '12345' THEN '政府部门指定'
		WHEN 'studio' THEN '当事人申请' ELSE '主动调解' END AS way,
	(SELECT json_group_array(json_object('role',
		CASE role WHEN 'applicant' THEN '申请人' ELSE '被申请人' END, 'name', name, 'id', idcard,
		'birth', birth, 'phone', phone, 'address', address))
		FROM party WHERE case_id = c.id AND role <> 'caller') AS party,
	(SELECT name FROM party WHERE case_id = c.id AND role = 'caller') AS caller,
	(SELECT phone FROM party WHERE case_id = c.id AND role = 'caller') AS caller_phone
	FROM desk_case c;
INSERT INTO document
SELECT 's' || substr(number, 2), 'court', date(received, '+' || (12 + rowid % 30) || ' days'), type,
	town, place, amount, '诉前委派调解：' || substr(about, 1, 60), '审判机关委托', party, NULL, NULL
	FROM document WHERE rowid % 33 = 7 AND system = 'studio';
.mode list
SELECT json_object('number', number, 'system', system, 'received', received, 'type', type,
	'town', town, 'place', place, 'amount', amount, 'about', about, 'way', way,
	'caller', caller, 'caller-phone', caller_phone, 'party', json(party)) FROM document;
