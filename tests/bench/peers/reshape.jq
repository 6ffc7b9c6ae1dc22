# The canonical record out of the same names, its birth dates made ISO.
def date: if . then "\(.[0:4])-\(.[4:6])-\(.[6:8])" else null end;
{
  source: (.source | { system, id, changed, channel }),
  number, title, about, type, status, occurred, reported, appointed,
  place: (.place | { address, region, town, "town-name", village, east, north }),
  people, studio: { code: .studio.code }, reporter: (.reporter | { name, phone }),
  level, urgency, amount, note,
  party: [ .party[] | { role, name, "id-type", "id-number", sex, birth: (.birth | date), phone, address } ]
}
