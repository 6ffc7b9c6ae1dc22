/*
 * similar.c - letter by letter, sixty-four letters at a time.
 *
 * Everything rests on one question: at which places of b does this character
 * stand? The answer is a word with a bit for each place, and the known
 * algorithms become a few word operations a letter: Jaro with a window and the
 * lowest free bit, the distances with Hyyrö's vectors (Hyyrö 2003). Up to sixteen
 * ASCII letters, which is nearly every name and number, the answer needs no
 * table: b lies in two words, and a letter is compared with eight at once.
 *
 * Longer texts take the textbook's way; they are rare, and bounded.
 */
#include "reconcile/similar.h"

#include <assert.h>
#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define WORD 64
#define SHORT 16
#define HALF 8
#define EACH_BYTE(x) ((x)*UINT64_C(0x0101010101010101))

/* How the places of a character are found; known to the compiler wherever it is asked. */
enum how { HOW_SHORT, HOW_TABLE, HOW_WIDE };

struct letters {
	const unsigned char *bytes; /* or NULL: */
	const uint32_t *wide;
	unsigned length;
	const uint64_t *places; /* HOW_TABLE: for each of 128 */
};

static inline uint32_t letter(const struct letters *l, unsigned i)
{
	/* One of the two there is. NOLINTNEXTLINE(clang-analyzer-core.*) */
	return l->bytes ? l->bytes[i] : l->wide[i];
}

static bool is_ascii(const struct value *v)
{
	return v->length == v->len;
}

static struct letters letters_of(const struct value *v)
{
	struct letters l = { .length = v->length < SIMILAR_MAX ? v->length : SIMILAR_MAX };

	if (is_ascii(v))
		l.bytes = (const unsigned char *)v->text;
	else
		l.wide = value_characters(v);
	return l;
}

static uint64_t first_bits(unsigned count)
{
	return count >= WORD ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

/* A bit for each of sixteen ASCII letters that is @c. */
#if defined(__SSE2__)
static inline uint64_t places_of_sixteen(const unsigned char *letters, unsigned char c)
{
	__m128i sixteen = _mm_loadu_si128((const __m128i *)(const void *)letters);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, _mm_set1_epi8((char)c)));
}
#else
static inline uint64_t places_of_eight(const unsigned char *letters, unsigned char c)
{
	uint64_t eight, hit;

	memcpy(&eight, letters, sizeof(eight));
	hit = ~((eight ^ EACH_BYTE((uint64_t)c)) + EACH_BYTE(0x7f)) & EACH_BYTE(0x80);
	return (hit >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t places_of_sixteen(const unsigned char *letters, unsigned char c)
{
	return places_of_eight(letters, c) | places_of_eight(letters + HALF, c) << HALF;
}
#endif

static inline __attribute__((always_inline)) uint64_t
places(const struct letters *b, const struct letters *a, unsigned i, enum how how)
{
	uint64_t bits = 0;
	uint32_t c;

	switch (how) {
	case HOW_SHORT:
		return places_of_sixteen(b->bytes, a->bytes[i]);
	case HOW_TABLE:
		return b->places[a->bytes[i]];
	case HOW_WIDE:
		c = letter(a, i);
		for (unsigned k = 0; k < b->length; k++)
			bits |= (uint64_t)(letter(b, k) == c) << k;
	}
	return bits;
}

/* The text of a value can be read as far as sixteen bytes; behind it stand zeros, which are no
 * letter of any text. */
static bool are_short(const struct letters *a, const struct letters *b)
{
	return a->bytes && b->bytes && a->length <= SHORT && b->length <= SHORT;
}

static enum how prepare(struct letters *a, struct letters *b, uint64_t table[128])
{
	if (!a->bytes || !b->bytes)
		return HOW_WIDE;
	memset(table, 0, 128 * sizeof(*table));
	for (unsigned i = 0; i < b->length && i < WORD; i++)
		table[b->bytes[i]] |= UINT64_C(1) << i;
	b->places = table;
	return HOW_TABLE;
}

/* Jaro and Winkler. */

static double share(unsigned a, unsigned b, unsigned common, unsigned moved)
{
	double m = common;
	unsigned swapped = moved / 2; /* the odd one is passed over */

	return common ? (m / a + m / b + (m - swapped) / m) / 3 : 0;
}

/* @rounds: at least the letters of a, and no more than can be read. */
static inline __attribute__((always_inline)) double
jaro_word(const struct letters *a, const struct letters *b, unsigned rounds, enum how how)
{
	unsigned longer = a->length > b->length ? a->length : b->length;
	unsigned reach = longer / 2 > 0 ? longer / 2 - 1 : 0, common = 0, moved = 0;
	uint64_t window = first_bits(reach + 1), free = first_bits(b->length), of_a = 0, of_b = 0;

	for (unsigned i = 0; i < rounds; i++) {
		uint64_t open = places(b, a, i, how) & window & free;
		uint64_t taken = open & (0 - open);

		free ^= taken;
		of_a |= (uint64_t)(taken != 0) << i;
		window = window << 1 | (i < reach);
	}
	of_b = free ^ first_bits(b->length);
	for (; of_a; of_a &= of_a - 1, of_b &= of_b - 1, common++)
		moved += letter(a, (unsigned)__builtin_ctzll(of_a)) !=
			 letter(b, (unsigned)__builtin_ctzll(of_b));
	return share(a->length, b->length, common, moved);
}

static __attribute__((noinline)) double jaro_long(const struct letters *a, const struct letters *b)
{
	unsigned longer = a->length > b->length ? a->length : b->length;
	unsigned reach = longer / 2 - 1, common = 0, moved = 0, j = 0;
	bool of_a[SIMILAR_MAX] = { 0 }, of_b[SIMILAR_MAX] = { 0 };

	for (unsigned i = 0; i < a->length; i++) {
		unsigned k = i > reach ? i - reach : 0;
		unsigned end = i + reach + 1 < b->length ? i + reach + 1 : b->length;

		while (k < end && (of_b[k] || letter(b, k) != letter(a, i)))
			k++;
		if (k < end)
			of_a[i] = of_b[k] = true, common++;
	}
	for (unsigned i = 0; i < a->length; i++) {
		if (!of_a[i])
			continue;
		while (!of_b[j])
			j++;
		moved += letter(a, i) != letter(b, j++);
	}
	return share(a->length, b->length, common, moved);
}

static __attribute__((noinline)) double jaro_other(struct letters *a, struct letters *b)
{
	uint64_t table[128];

	if (a->length > WORD || b->length > WORD)
		return jaro_long(a, b);
	if (prepare(a, b, table) == HOW_TABLE)
		return jaro_word(a, b, a->length, HOW_TABLE);
	return jaro_word(a, b, a->length, HOW_WIDE);
}

static inline double jaro(struct letters *a, struct letters *b)
{
	if (!a->length || !b->length)
		return a->length == b->length;
	if (!are_short(a, b))
		return jaro_other(a, b);
	if (a->length <= HALF) /* without a branch that depends on the length */
		return jaro_word(a, b, HALF, HOW_SHORT);
	return jaro_word(a, b, a->length, HOW_SHORT);
}

static unsigned common_prefix(const struct letters *a, const struct letters *b, unsigned most)
{
	unsigned i = 0;

	while (i < most && i < a->length && i < b->length && letter(a, i) == letter(b, i))
		i++;
	return i;
}

/* Which side takes the first free letter can matter, so the sides have an order. */
static bool is_first(const struct value *a, const struct value *b)
{
	return a->length != b->length ? a->length < b->length : a->hash < b->hash;
}

double similar_jaro(const struct value *a, const struct value *b)
{
	bool in_order = is_first(a, b);
	struct letters la = letters_of(in_order ? a : b), lb = letters_of(in_order ? b : a);

	return jaro(&la, &lb);
}

double similar_jaro_winkler(const struct value *a, const struct value *b)
{
	bool in_order = is_first(a, b);
	struct letters la = letters_of(in_order ? a : b), lb = letters_of(in_order ? b : a);
	double plain = jaro(&la, &lb);

	return plain > 0.7 ? plain + common_prefix(&la, &lb, 4) * 0.1 * (1 - plain) : plain;
}

/* Edit distances. */

static inline __attribute__((always_inline)) unsigned
edits_word(const struct letters *a, const struct letters *b, bool swaps, enum how how)
{
	uint64_t vp = ~UINT64_C(0), vn = 0, d0 = 0, before = 0;
	uint64_t last = UINT64_C(1) << (b->length - 1), all = first_bits(b->length);
	unsigned edits = b->length;

	for (unsigned i = 0; i < a->length; i++) {
		uint64_t pm = places(b, a, i, how) & all, hp, hn;
		uint64_t swapped = swaps ? (~d0 & pm) << 1 & before : 0;

		d0 = (((pm & vp) + vp) ^ vp) | pm | vn | swapped;
		hp = vn | ~(d0 | vp);
		hn = d0 & vp;
		edits += (hp & last) != 0;
		edits -= (hn & last) != 0;
		hp = hp << 1 | 1;
		vp = hn << 1 | ~(d0 | hp);
		vn = hp & d0;
		before = pm;
	}
	return edits;
}

/* Three rows of the table, and of these only what @limit can reach. */
static __attribute__((noinline)) unsigned
edits_long(const struct letters *a, const struct letters *b, bool swaps, unsigned limit)
{
	unsigned rows[3][SIMILAR_MAX + 1], n = b->length, far = limit + 1;

	for (unsigned j = 0; j <= n; j++)
		rows[0][j] = j <= limit ? j : far;
	for (unsigned i = 1; i <= a->length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
		unsigned from = i > limit ? i - limit : 1,
			 to = n - i > limit && i < n ? i + limit : n;

		row[from - 1] = from == 1 && i <= limit ? i : far;
		for (unsigned j = from; j <= to; j++) {
			unsigned d = above[j - 1] + (letter(a, i - 1) != letter(b, j - 1));

			d = above[j] + 1 < d ? above[j] + 1 : d;
			d = row[j - 1] + 1 < d ? row[j - 1] + 1 : d;
			if (swaps && i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
			    letter(a, i - 2) == letter(b, j - 1) && two[j - 2] + 1 < d)
				d = two[j - 2] + 1;
			row[j] = d < far ? d : far;
		}
		for (unsigned j = to + 1; j <= n && j <= to + 2; j++)
			row[j] = far;
	}
	return rows[a->length % 3][n];
}

static __attribute__((noinline)) unsigned edits_other(struct letters *a, struct letters *b,
						      bool swaps, unsigned limit)
{
	uint64_t table[128];
	unsigned edits;

	if (b->length > WORD)
		return edits_long(a, b, swaps, limit);
	if (prepare(a, b, table) != HOW_TABLE)
		return edits_word(a, b, swaps, HOW_WIDE);
	edits = edits_word(a, b, swaps, HOW_TABLE);
	b->places = NULL; /* the table goes */
	return edits;
}

static inline unsigned edits(const struct value *va, const struct value *vb, bool swaps,
			     unsigned limit)
{
	bool is_turned = vb->length > va->length;
	struct letters a = letters_of(is_turned ? vb : va), b = letters_of(is_turned ? va : vb);
	if (!b.length)
		return a.length;
	if (are_short(&a, &b))
		return edits_word(&a, &b, swaps, HOW_SHORT);
	if (limit > SIMILAR_MAX)
		limit = SIMILAR_MAX;
	if (a.length - b.length > limit)
		return limit + 1;
	return edits_other(&a, &b, swaps, limit);
}

unsigned similar_levenshtein(const struct value *a, const struct value *b, unsigned limit)
{
	return edits(a, b, false, limit);
}

unsigned similar_damerau(const struct value *a, const struct value *b, unsigned limit)
{
	return edits(a, b, true, limit);
}

/* Pieces. */

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static unsigned bigrams(const struct value *v, uint64_t out[SIMILAR_MAX])
{
	struct letters l = letters_of(v);
	unsigned count = 0, kept = 0;

	assert(!l.length || l.bytes || l.wide);
	if (l.length == 1)
		out[count++] = letter(&l, 0);
	for (unsigned i = 1; i < l.length; i++)
		out[count++] = (uint64_t)letter(&l, i - 1) << 32 | letter(&l, i);
	qsort(out, count, sizeof(*out), by_size);
	for (unsigned i = 0; i < count; i++)
		if (!i || out[i] != out[i - 1])
			out[kept++] = out[i];
	return kept;
}

double similar_bigrams(const struct value *a, const struct value *b)
{
	uint64_t of_a[SIMILAR_MAX], of_b[SIMILAR_MAX];
	unsigned m = bigrams(a, of_a), n = bigrams(b, of_b), common = 0;

	if (!m || !n)
		return m == n;
	for (unsigned i = 0, j = 0; i < m && j < n;) {
		uint64_t x = of_a[i], y = of_b[j];

		common += x == y;
		i += x <= y;
		j += y <= x;
	}
	return (double)common / (m + n - common);
}

unsigned similar_prefix(const struct value *a, const struct value *b)
{
	struct letters la = letters_of(a), lb = letters_of(b);

	return common_prefix(&la, &lb, SIMILAR_MAX);
}
