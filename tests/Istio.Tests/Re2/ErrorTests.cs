using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>What RE2 refuses, with its words and with the place.</summary>
public class ErrorTests
{
    public static TheoryData<string, Re2ErrorCode, string, int> Patterns => new()
    {
        { "[a", Re2ErrorCode.MissingBracket, "missing ]: [a", 0 },
        { "x[a-z", Re2ErrorCode.MissingBracket, "missing ]: [a-z", 1 },
        { "[", Re2ErrorCode.MissingBracket, "missing ]: [", 0 },
        { "[^", Re2ErrorCode.MissingBracket, "missing ]: [^", 0 },
        { "[]", Re2ErrorCode.MissingBracket, "missing ]: []", 0 },
        { "[]a", Re2ErrorCode.MissingBracket, "missing ]: []a", 0 },
        { "[^]a", Re2ErrorCode.MissingBracket, "missing ]: [^]a", 0 },
        { "[a-", Re2ErrorCode.MissingBracket, "missing ]: [a-", 0 },
        { @"[a\]", Re2ErrorCode.MissingBracket, @"missing ]: [a\]", 0 },
        { @"[\Q]\E", Re2ErrorCode.BadEscape, @"invalid escape sequence: \Q", 1 },
        { "(a", Re2ErrorCode.MissingParen, "missing ): (a", 0 },
        { "a(b(c)", Re2ErrorCode.MissingParen, "missing ): a(b(c)", 1 },
        { "(a|", Re2ErrorCode.MissingParen, "missing ): (a|", 0 },
        { "a)", Re2ErrorCode.UnexpectedParen, "unexpected ): a)", 1 },
        { ")", Re2ErrorCode.UnexpectedParen, "unexpected ): )", 0 },
        { "(a))b", Re2ErrorCode.UnexpectedParen, "unexpected ): (a))b", 3 },
        { "a|)", Re2ErrorCode.UnexpectedParen, "unexpected ): a|)", 2 },
        { @"a\", Re2ErrorCode.TrailingBackslash, @"trailing \", 1 },
        { @"[a\", Re2ErrorCode.TrailingBackslash, @"trailing \", 2 },
        { "*", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: *", 0 },
        { "+a", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: +", 0 },
        { "a|*", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: *", 2 },
        { "(*a)", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: *", 1 },
        { "(?:+?)", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: +?", 3 },
        { "(?i)*", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: *", 4 },
        { "{2}", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: {2}", 0 },
        { @"\Q\E*", Re2ErrorCode.RepeatArgument, "no argument for repetition operator: *", 4 },
        { "a{1001}", Re2ErrorCode.RepeatSize, "invalid repetition size: {1001}", 1 },
        { "a{1001,}", Re2ErrorCode.RepeatSize, "invalid repetition size: {1001,}", 1 },
        { "a{2,1001}?", Re2ErrorCode.RepeatSize, "invalid repetition size: {2,1001}?", 1 },
        { "a{3,2}", Re2ErrorCode.RepeatSize, "invalid repetition size: {3,2}", 1 },
        { "(a{100}){11}", Re2ErrorCode.RepeatSize, "invalid repetition size: {11}", 8 },
        { "((a{10}){10}b){11}", Re2ErrorCode.RepeatSize, "invalid repetition size: {11}", 14 },
        { "(?:(?:a{500,}|b)c){3}", Re2ErrorCode.RepeatSize, "invalid repetition size: {3}", 18 },
        { "{1001}", Re2ErrorCode.RepeatSize, "invalid repetition size: {1001}", 0 },
        { "a**", Re2ErrorCode.RepeatOp, "bad repetition operator: **", 1 },
        { "a*+", Re2ErrorCode.RepeatOp, "bad repetition operator: *+", 1 },
        { "xa++", Re2ErrorCode.RepeatOp, "bad repetition operator: ++", 2 },
        { "a??+", Re2ErrorCode.RepeatOp, "bad repetition operator: ??+", 1 },
        { "a{2}*", Re2ErrorCode.RepeatOp, "bad repetition operator: {2}*", 1 },
        { "a*{2}", Re2ErrorCode.RepeatOp, "bad repetition operator: *{2}", 1 },
        { "a{2}{3}", Re2ErrorCode.RepeatOp, "bad repetition operator: {2}{3}", 1 },
        { "a*??", Re2ErrorCode.RepeatOp, "bad repetition operator: *??", 1 },
        { "(?=a)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?=", 0 },
        { "a(?!b)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?!", 1 },
        { "(?<=a)b", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?<=", 0 },
        { "(?<!a)b", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?<!", 0 },
        { "(?>a)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?>", 0 },
        { "(?#c)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?#", 0 },
        { "(?x)a", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?x", 0 },
        { "(?'n'a)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?'", 0 },
        { "(?P=n)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?P", 0 },
        { "(?R)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?R", 0 },
        { "(?-)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?-)", 0 },
        { "(?i-)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?i-)", 0 },
        { "(?i--s)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?i--", 0 },
        { "(?-:a)", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?-:", 0 },
        { "a(?", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?", 1 },
        { "(?i", Re2ErrorCode.BadPerlOp, "invalid perl operator: (?i", 0 },
        { "(?P<n", Re2ErrorCode.BadNamedCapture, "invalid named capture group: (?P<n", 0 },
        { "(?P<>a)", Re2ErrorCode.BadNamedCapture, "invalid named capture group: (?P<>", 0 },
        { "a(?P<n-m>b)", Re2ErrorCode.BadNamedCapture, "invalid named capture group: (?P<n-m>", 1 },
        { "(?<n m>a)", Re2ErrorCode.BadNamedCapture, "invalid named capture group: (?<n m>", 0 },
        {
            "(?P<n>a)(?P<n>b)", Re2ErrorCode.BadNamedCapture,
            "invalid named capture group: (?P<n> (Istio's validation refuses a name used twice)", 8
        },
        { @"\1", Re2ErrorCode.BadEscape, @"invalid escape sequence: \1", 0 },
        { @"(a)\1", Re2ErrorCode.BadEscape, @"invalid escape sequence: \1", 3 },
        { @"\8", Re2ErrorCode.BadEscape, @"invalid escape sequence: \8", 0 },
        { @"a\Z", Re2ErrorCode.BadEscape, @"invalid escape sequence: \Z", 1 },
        { @"\G", Re2ErrorCode.BadEscape, @"invalid escape sequence: \G", 0 },
        { @"\h", Re2ErrorCode.BadEscape, @"invalid escape sequence: \h", 0 },
        { @"\e", Re2ErrorCode.BadEscape, @"invalid escape sequence: \e", 0 },
        { @"\cA", Re2ErrorCode.BadEscape, @"invalid escape sequence: \c", 0 },
        { @"\u0041", Re2ErrorCode.BadEscape, @"invalid escape sequence: \u", 0 },
        { @"a\E", Re2ErrorCode.BadEscape, @"invalid escape sequence: \E", 1 },
        { @"\é", Re2ErrorCode.BadEscape, @"invalid escape sequence: \é", 0 },
        { @"\x", Re2ErrorCode.BadEscape, @"invalid escape sequence: \x", 0 },
        { @"\x4", Re2ErrorCode.BadEscape, @"invalid escape sequence: \x4", 0 },
        { @"\xg1", Re2ErrorCode.BadEscape, @"invalid escape sequence: \xg1", 0 },
        { @"\x{}", Re2ErrorCode.BadEscape, @"invalid escape sequence: \x{}", 0 },
        { @"\x{41", Re2ErrorCode.BadEscape, @"invalid escape sequence: \x{41", 0 },
        { @"\x{110000}", Re2ErrorCode.BadEscape, @"invalid escape sequence: \x{110000", 0 },
        { @"[a-\d]", Re2ErrorCode.BadEscape, @"invalid escape sequence: \d", 3 },
        { @"[\b]", Re2ErrorCode.BadEscape, @"invalid escape sequence: \b", 1 },
        { @"[\p", Re2ErrorCode.BadEscape, @"invalid escape sequence: \p", 1 },
        { @"a\C", Re2ErrorCode.BadEscape, @"invalid escape sequence: \C (Istio's validation refuses it as well)", 1 },
        { "[z-a]", Re2ErrorCode.BadCharRange, "invalid character class range: z-a", 1 },
        { "a[b-a]", Re2ErrorCode.BadCharRange, "invalid character class range: b-a", 2 },
        { "[a--]", Re2ErrorCode.BadCharRange, "invalid character class range: a--", 1 },
        { "[[:foo:]]", Re2ErrorCode.BadCharRange, "invalid character class range: [:foo:]", 1 },
        { "[[:ALPHA:]]", Re2ErrorCode.BadCharRange, "invalid character class range: [:ALPHA:]", 1 },
        { "[[:a] b:]", Re2ErrorCode.BadCharRange, "invalid character class range: [:a] b:]", 1 },
        { @"\p", Re2ErrorCode.BadCharRange, @"invalid character class range: \p", 0 },
        { @"\pX", Re2ErrorCode.BadCharRange, @"invalid character class range: \pX", 0 },
        { @"\p{Greek", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{Greek", 0 },
        { @"a\p{greek}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{greek}", 1 },
        { @"\p{}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{}", 0 },
        { @"\p{Cn}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{Cn}", 0 },
        { @"\p{LC}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{LC}", 0 },
        { @"\p{IsGreek}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{IsGreek}", 0 },
        { @"\p{fold}", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{fold}", 0 },
        { @"\p^L", Re2ErrorCode.BadCharRange, @"invalid character class range: \p^", 0 },
        { @"[\p{Foo}]", Re2ErrorCode.BadCharRange, @"invalid character class range: \p{Foo}", 1 },
        { "((\\pL{20}){10}){5}", Re2ErrorCode.PatternTooLarge, "pattern too large: Istio limits RE2's program size to 32768", 0 },
    };

    // Not in an attribute: attributes are stored as UTF-8.
    public static TheoryData<string, int> HalfPairs => new()
    {
        { "a\uD83D", 1 },
        { "\uDE00b", 0 },
        { "😀\uDE00", 2 },
        { "\uD83D\uD83D", 0 },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_bad_pattern_is_refused_with_its_place(string pattern, Re2ErrorCode code, string message, int position)
    {
        Assert.False(Re2Pattern.TryParse(pattern, out var parsed, out var error));
        Assert.Null(parsed);
        Assert.Equal(new Re2Error(code, message, position), error);
    }

    [Theory]
    [MemberData(nameof(HalfPairs))]
    public void Half_of_a_surrogate_pair_has_no_UTF_8(string pattern, int position)
    {
        Assert.False(Re2Pattern.TryParse(pattern, out _, out var error));
        Assert.Equal(new Re2Error(Re2ErrorCode.BadUtf8, "invalid UTF-8", position), error);
    }

    [Fact]
    public void Nesting_ends_at_1000()
    {
        Assert.True(Re2Pattern.TryParse(Nested(999), out var parsed, out _));
        Assert.True(parsed.IsFullMatch("a"));
        Assert.False(Re2Pattern.TryParse(Nested(1000), out _, out var error));
        Assert.Equal((Re2ErrorCode.NestingDepth, 0), (error.Code, error.Position));
        var silent = string.Concat(Enumerable.Repeat("(?:", 5000)) + "b" + new string(')', 5000);
        Assert.True(Re2Pattern.TryParse(silent, out _, out _));

        static string Nested(int depth) => new string('(', depth) + "a" + new string(')', depth);
    }

    [Fact]
    public void A_program_is_limited_however_it_becomes_large()
    {
        string[] patterns =
        [
            string.Concat(Enumerable.Repeat("a{1000}", 40)),
            string.Concat(Enumerable.Repeat("(ab){1000}", 20)),
            string.Concat(Enumerable.Repeat("(?:a|b)?.{1000}", 6)),
            new string('a', 40_000),
        ];
        Assert.All(patterns, pattern =>
        {
            Assert.False(Re2Pattern.TryParse(pattern, out _, out var error));
            Assert.Equal(Re2ErrorCode.PatternTooLarge, error.Code);
        });
        Assert.True(Re2Pattern.TryParse(string.Concat(Enumerable.Repeat("a{1000}", 30)), out _, out _));
    }

    [Theory]
    [InlineData("(a)", @"\2", 0, @"Rewrite schema error: \2 requested, but the regexp only has 1 parenthesized subexpressions")]
    [InlineData("a", @"x\1", 1, @"Rewrite schema error: \1 requested, but the regexp only has 0 parenthesized subexpressions")]
    [InlineData("a", @"ab\", 2, @"Rewrite schema error: '\' not allowed at end")]
    [InlineData("a", @"\a", 0, @"Rewrite schema error: '\' must be followed by a digit or '\'")]
    [InlineData("(a)", @"\1\g", 2, @"Rewrite schema error: '\' must be followed by a digit or '\'")]
    public void A_bad_substitution_is_refused_with_its_place(string pattern, string substitution, int position, string message)
    {
        Assert.False(Re2Rewrite.TryParse(pattern, substitution, out var rewrite, out var error));
        Assert.Null(rewrite);
        Assert.Equal(new Re2Error(Re2ErrorCode.BadRewrite, message, position), error);
    }

    [Fact]
    public void A_rewrite_refuses_a_bad_pattern()
    {
        Assert.False(Re2Rewrite.TryParse("a**", "x", out _, out var error));
        Assert.Equal(Re2ErrorCode.RepeatOp, error.Code);
    }
}
