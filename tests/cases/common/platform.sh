# platform.sh - a site that uploads to the platform simulator: the installation's own mappings,
# one studio, the ledger as it is kept by hand. Read behind steps.sh.
#
#     upload                carry out province-out, without waiting for anybody
#     at_platform           how many cases the platform holds
#     ledger FILE           a ledger from lines on standard input: number,about,party
# shellcheck shell=sh
CASEBRIDGE_MAPPINGS=$CASE/../../../mappings
export CASEBRIDGE_MAPPINGS
"$OUT/sim/generate" studios "$WORK/studios.tsv"
"$OUT/sim/platform" --port 0 --port-file "$WORK/port" --ledger "$WORK/platform.db" \
	--accounts "$WORK/studios.tsv" >"$WORK/platform.log" 2>&1 &
platform=$!
trap 'kill $platform 2>/dev/null' EXIT
tries=0
until [ -s "$WORK/port" ]; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || fail "the platform did not start"
	sleep 0.02
done
IFS='	' read -r code _ _ _ app secret <<-ROW
	$(sed -n 2p "$WORK/studios.tsv")
ROW
printf '%s' "$secret" >"$SITE/secrets/province"
chmod 600 "$SITE/secrets/province"
cat >"$SITE/site.xml" <<-XML
	<site name="upload" model="mediation" zone="+08:00">
	  <connection name="province" connector="province">
	    <set name="base" value="http://127.0.0.1:$(cat "$WORK/port")"/>
	    <account name="one"><set name="app" value="$app"/><secret name="secret" file="secrets/province"/></account>
	  </connection>
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <import name="ledger-in" from="ledger/rows"/>
	  <export name="province-out" to="province/cases" when="status='closed'"/>
	</site>
XML
casebridge alias add studio province "$code" "$code" --site "$SITE" >/dev/null 2>&1 || true
mkdir -p "$SITE/mappings/connectors"
cp "$CASEBRIDGE_MAPPINGS/province-case.xml" "$SITE/mappings/"
cp -R "$CASEBRIDGE_MAPPINGS/codes" "$SITE/mappings/"
sed 's/rate="[^"]*"/rate="100000\/s"/' "$CASEBRIDGE_MAPPINGS/connectors/province.xml" >"$SITE/mappings/connectors/province.xml"

upload() { run province-out; }
at_platform() { sqlite3 -readonly -cmd '.timeout 5000' "$WORK/platform.db" 'SELECT count(*) FROM case_file'; }
ledger() {
	{
		echo '序号,案件编号,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注'
		while IFS=, read -r number about party; do
			echo "1,$number,title $number,$about,2024/3/8,2024/3/12,邻里,300,成功,王调解,$party,,/,李四,/,"
		done
	} >"$INBOX/$1"
}
