load helper

@test "the next times of an expression" {
	run -0 casebridge cron next "30 20 * * 1-5" --from "2026-02-27 21:00" --count 2
	[ "${lines[0]}" = "2026-03-02T20:30:00+08:00  周一" ]
	[ "${lines[1]}" = "2026-03-03T20:30:00+08:00  周二" ]
	[ "${#lines[@]}" = 2 ]
}

@test "the instant itself is not among them" {
	run -0 casebridge cron next "0 9 L 2 *" --from 2028-02-29T09:00:00+08:00 --count 1 --lang en
	[ "$output" = "2029-02-28T09:00:00+08:00  Wed" ]
}

@test "a zone whose clocks are moved, as JSON" {
	run -0 casebridge cron next "30 2 * * *" --zone Europe/Berlin --from 2026-03-28 --count 2 --json
	[ "$output" = '{"expression":"30 2 * * *","from":"2026-03-28T00:00:00+01:00","next":["2026-03-28T02:30:00+01:00","2026-03-29T03:00:00+02:00"]}' ]
}

@test "Quartz counts Sunday as 1" {
	run -0 casebridge cron next "0 0 9 ? * 1" --from 2026-11-28 --count 1
	[ "$output" = "2026-11-29T09:00:00+08:00  周日" ]
}

@test "what is wrong is said with its place" {
	run -64 casebridge cron next "30 25 * * *"
	has "第 4 个字：“25”不能作“时”"
	run -64 casebridge cron next "0 0 30 2 *" --lang en
	has "character 5: that day never comes"
	run -64 casebridge cron next "0 0 * * *" --zone Mars
	has "没有时区“Mars”"
	run -64 casebridge cron next "0 0 * * *" --from 明天
	has "--from 写作"
	run -64 casebridge cron next "0 0 * * *" --count 0
	has "--count 应为 1 到 10000"
}
