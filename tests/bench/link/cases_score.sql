-- cases_score.sql - what dup run made of them, beside the truth: pairs in one cluster, and pairs
-- that are left to a person. A case from the court is one with nothing.
CREATE TEMP TABLE known (source, id, entity);
.mode csv
.import --skip 1 truth.csv known
.mode list
CREATE TEMP TABLE truth AS SELECT c._id AS record, k.entity FROM known k
	JOIN case_record c ON c.number = k.id WHERE k.source = 'cases';
CREATE INDEX temp.truth_entity ON truth (entity);
CREATE INDEX temp.truth_record ON truth (record);
CREATE TEMP TABLE wanted AS SELECT min(a.record, b.record) AS low, max(a.record, b.record) AS high
	FROM truth a JOIN truth b ON b.entity = a.entity AND a.record < b.record;
CREATE UNIQUE INDEX temp.wanted_pair ON wanted (low, high);
CREATE TEMP TABLE found AS SELECT a.record AS low, b.record AS high
	FROM cluster a JOIN cluster b ON b.cluster = a.cluster AND a.record < b.record;
CREATE TEMP TABLE asked AS SELECT p.low, p.high, w.low IS NOT NULL AS is_right
	FROM pair p LEFT JOIN wanted w ON w.low = p.low AND w.high = p.high
	WHERE p.state IN ('doubtful', 'both-there');
CREATE TEMP TABLE figures AS SELECT (SELECT count(*) FROM found JOIN wanted USING (low, high)) AS r,
	(SELECT count(*) FROM found) AS f, (SELECT count(*) FROM wanted) AS w,
	(SELECT count(*) FROM asked) AS a, (SELECT sum(is_right) FROM asked) AS ar;
SELECT printf('cases: %d pairs are one; linked %d, right %d: precision %.4f, recall %.4f, F1 %.4f', w,
	f, r, 1.0 * r / f, 1.0 * r / w, 2.0 * r / (f + w)) FROM figures;
SELECT printf('       for a person %d, of which %d are one', a, ar) FROM figures;
SELECT printf('       of %d successors from the court %d in a cluster, %d shown as successors',
	(SELECT count(*) FROM case_record WHERE number LIKE 's%'),
	(SELECT count(*) FROM case_record c JOIN cluster k ON k.record = c._id WHERE c.number LIKE 's%'),
	(SELECT count(DISTINCT s._id) FROM case_record s JOIN pair p ON s._id IN (p.low, p.high)
		WHERE s.number LIKE 's%' AND p.kind = 'successor'));
