# lost.awk - where true pairs are lost, and what could be found at all.
#
#     awk -v cut=PROBABILITY -v cells=FILE -f lost.awk TRUTH CLUSTERS PAIRS
#
# PAIRS are all that were compared, with their levels. What two records say is the levels and the
# weight in whole bits (rare names weigh more). No rule that sees no more than this can tell pairs
# apart that say the same: the best one, which knows the truth, takes what is true more often than
# not for its F1, and that is the bound. It is too high by what it learns by heart.
BEGIN { FS = "," }
FNR == 1 {
	file++
	for (i = 7; i <= NF; i++)
		name[i] = $i
	next
}
file == 1 && $1 != "cases" { of[$2] = $3; truth += size[$3]++ }
file == 2 { cluster[$2] = $3; found += held[$3]++; right += both[$3 "," of[$2]]++ }
file == 3 {
	true = of[$2] == of[$4]
	says = "name alone"
	levels = int($5)
	for (i = 7; i <= NF; i++) {
		levels = levels "," $i
		if ($i == "missing" || name[i] == "name" || name[i] == "sex")
			continue
		if (name[i] != "case")
			says = (says == "name alone" ? "" : says " ") name[i]
		else if ($i != "else")
			says = (says == "name alone" ? "" : says " ") "companions"
	}
	compared += true
	kind[says]
	counts[says, true]++
	linked[says, true] += $6 >= cut
	clustered[says, true] += cluster[$2] == cluster[$4]
	all += $6 >= cut
	good += true && $6 >= cut
	cell[levels]
	cells_of[levels, true]++
}
function f1(good, all, truth) { return 2 * good / (all + truth) }
END {
	sort = "sort -t, -k1,1nr"
	for (c in cell) {
		n = cells_of[c, 1] + cells_of[c, 0]
		printf "%.9f,%d,%d\n", cells_of[c, 1] / n, cells_of[c, 1], n | (sort " >" cells)
	}
	close(sort " >" cells)
	while ((getline <cells) > 0) {
		told += $2
		taken += $3
		if (f1(told, taken, truth) > best)
			best = f1(told, taken, truth)
	}
	printf "  %-58s %.4f\n", "if all pairs that are compared were told rightly", f1(compared, compared, truth)
	printf "  %-58s %.4f\n", "at most, by what two records say, the truth known", best
	printf "  %-58s %.4f\n", "two records, at the default cut", f1(good, all, truth)
	printf "  %-58s %.4f\n", "clusters", f1(right, found, truth)
	printf "  %-34s %9s %9s %9s %9s\n", "what there is to compare", "true", "wrong", "clustered", "wrongly"
	for (k in kind)
		printf "  %-34s %9d %9d %9d %9d\n", k, counts[k, 1], counts[k, 0], clustered[k, 1],
			clustered[k, 0] | "sort -k1.36,1.45nr | sort -s -rnk1.36,1.45 | head -12"
}
