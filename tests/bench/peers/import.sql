-- The CSV into cases and parties: read as .import does, then upserted. Run twice, it is
-- the import of a file that was imported before.
PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
CREATE TABLE IF NOT EXISTS case_record (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, title TEXT, about TEXT, type TEXT,
  status TEXT, occurred TEXT, reported TEXT, appointed TEXT, people INTEGER, level INTEGER, urgency INTEGER,
  amount TEXT, note TEXT, source_system TEXT, source_id TEXT, source_changed TEXT, source_channel TEXT,
  place_address TEXT, place_region TEXT, place_town TEXT, place_town_name TEXT, place_village TEXT, place_east TEXT,
  place_north TEXT, studio_code TEXT, reporter_name TEXT, reporter_phone TEXT) STRICT;
CREATE TABLE IF NOT EXISTS case_party (record INTEGER NOT NULL, position INTEGER NOT NULL, role TEXT, name TEXT, id_type TEXT,
  id_number TEXT, sex TEXT, birth TEXT, phone TEXT, address TEXT, PRIMARY KEY (record, position)) STRICT, WITHOUT ROWID;
.mode csv
.import --schema temp "INPUT" incoming
BEGIN IMMEDIATE;
INSERT INTO case_record (number, title, about, type, status, occurred, reported, appointed, people, level, urgency,
  amount, note, source_system, source_id, source_changed, source_channel, place_address, place_region, place_town,
  place_town_name, place_village, place_east, place_north, studio_code, reporter_name, reporter_phone)
SELECT number, title, about, type, status, occurred, reported, nullif(appointed,''), people, level, urgency, amount,
  nullif(note,''), 'grid', source_id, source_changed, source_channel, address, region, town, town_name, village, east,
  north, studio, reporter_name, reporter_phone FROM temp.incoming WHERE true
ON CONFLICT (number) DO UPDATE SET title = excluded.title, about = excluded.about, type = excluded.type,
  status = excluded.status, occurred = excluded.occurred, reported = excluded.reported, appointed = excluded.appointed,
  people = excluded.people, level = excluded.level, urgency = excluded.urgency, amount = excluded.amount,
  note = excluded.note, source_id = excluded.source_id, source_changed = excluded.source_changed,
  source_channel = excluded.source_channel, place_address = excluded.place_address,
  place_region = excluded.place_region, place_town = excluded.place_town, place_town_name = excluded.place_town_name,
  place_village = excluded.place_village, place_east = excluded.place_east, place_north = excluded.place_north,
  studio_code = excluded.studio_code, reporter_name = excluded.reporter_name, reporter_phone = excluded.reporter_phone;
INSERT INTO case_party
SELECT c.id, 1, party1_role, party1_name, nullif(party1_id_type,''), nullif(party1_id_number,''),
  nullif(party1_sex,''), nullif(substr(party1_birth,1,4)||'-'||substr(party1_birth,5,2)||'-'||substr(party1_birth,7,2),'--'),
  nullif(party1_phone,''), party1_address
FROM temp.incoming i JOIN case_record c ON c.number = i.number WHERE party1_role <> ''
ON CONFLICT (record, position) DO UPDATE SET role = excluded.role, name = excluded.name, id_type = excluded.id_type,
  id_number = excluded.id_number, sex = excluded.sex, birth = excluded.birth, phone = excluded.phone, address = excluded.address;
INSERT INTO case_party
SELECT c.id, 2, party2_role, party2_name, nullif(party2_id_type,''), nullif(party2_id_number,''),
  nullif(party2_sex,''), nullif(substr(party2_birth,1,4)||'-'||substr(party2_birth,5,2)||'-'||substr(party2_birth,7,2),'--'),
  nullif(party2_phone,''), party2_address
FROM temp.incoming i JOIN case_record c ON c.number = i.number WHERE party2_role <> ''
ON CONFLICT (record, position) DO UPDATE SET role = excluded.role, name = excluded.name, id_type = excluded.id_type,
  id_number = excluded.id_number, sex = excluded.sex, birth = excluded.birth, phone = excluded.phone, address = excluded.address;
INSERT INTO case_party
SELECT c.id, 3, party3_role, party3_name, nullif(party3_id_type,''), nullif(party3_id_number,''),
  nullif(party3_sex,''), nullif(substr(party3_birth,1,4)||'-'||substr(party3_birth,5,2)||'-'||substr(party3_birth,7,2),'--'),
  nullif(party3_phone,''), party3_address
FROM temp.incoming i JOIN case_record c ON c.number = i.number WHERE party3_role <> ''
ON CONFLICT (record, position) DO UPDATE SET role = excluded.role, name = excluded.name, id_type = excluded.id_type,
  id_number = excluded.id_number, sex = excluded.sex, birth = excluded.birth, phone = excluded.phone, address = excluded.address;
INSERT INTO case_party
SELECT c.id, 4, party4_role, party4_name, nullif(party4_id_type,''), nullif(party4_id_number,''),
  nullif(party4_sex,''), nullif(substr(party4_birth,1,4)||'-'||substr(party4_birth,5,2)||'-'||substr(party4_birth,7,2),'--'),
  nullif(party4_phone,''), party4_address
FROM temp.incoming i JOIN case_record c ON c.number = i.number WHERE party4_role <> ''
ON CONFLICT (record, position) DO UPDATE SET role = excluded.role, name = excluded.name, id_type = excluded.id_type,
  id_number = excluded.id_number, sex = excluded.sex, birth = excluded.birth, phone = excluded.phone, address = excluded.address;
COMMIT;
