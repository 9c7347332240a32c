using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>Where a match lies and what its groups hold: leftmost, and of the matches from there the one that Perl would prefer.</summary>
public class CaptureTests
{
    /// <summary>Pattern, text, then the match and its groups; null for a group that took no part, no list at all for no match.</summary>
    public static TheoryData<string, string, string?[]?> FullMatches => new()
    {
        { "(a)(b)?", "a", ["a", "a", null] },
        { "(a)|(b)", "b", ["b", null, "b"] },
        { "(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""] },
        { "(a+)(b+)?", "aab", ["aab", "aa", "b"] },
        { "(a*)(a*)", "aaa", ["aaa", "aaa", ""] },
        { "(a*?)(a*)", "aaa", ["aaa", "", "aaa"] },
        { "(a+?)(a*)", "aaa", ["aaa", "a", "aa"] },
        { "(a??)(a?)", "a", ["a", "", "a"] },
        { "(?U)(a*)(a*)", "aaa", ["aaa", "", "aaa"] },
        { "(?U)(a*?)(a*)", "aaa", ["aaa", "aaa", ""] },
        { "(a{1,2}?)(a*)", "aaa", ["aaa", "a", "aa"] },
        { "(a|b)*", "ab", ["ab", "b"] },
        { "(a|(b))*", "ba", ["ba", "a", "b"] },
        { "(?:(a)|b)*", "ab", ["ab", "a"] },
        { "(a*)*", "aa", ["aa", "aa"] },
        { "(a*)*", "", ["", ""] },
        { "(a*)+", "b", null },
        { "(a|b*)*", "bb", ["bb", "bb"] },
        { "(|a)*", "aa", ["aa", "a"] },
        { "(|a)*", "", ["", ""] },
        { "(a|)*", "a", ["a", "a"] },
        { "(|a)+", "aaa", ["aaa", "a"] },
        { "(a?)*?", "aa", ["aa", "a"] },
        { "(?:(a?)b?)*", "ab", ["ab", "a"] },
        { "((a)|b){2}", "ab", ["ab", "b", "a"] },
        { "(a){0}b", "b", ["b", null] },
        { "(a){0,1}b", "b", ["b", null] },
        { "(a){2,3}", "aaa", ["aaa", "a"] },
        { "((((a))))", "a", ["a", "a", "a", "a", "a"] },
        { "()", "", ["", ""] },
        { "(^)a($)", "a", ["a", "", ""] },
        { "(?P<x>a)(?<y>b)(?:c)(d)", "abcd", ["abcd", "a", "b", "d"] },
        { "(.)(.)", "\U0001F600x", ["\U0001F600x", "\U0001F600", "x"] },
        { "(é+)(.*)", "ééa", ["ééa", "éé", "a"] },
        { "/api/v1(/|$)(.*)", "/api/v1/ping", ["/api/v1/ping", "/", "ping"] },
        { "/api/v1(/|$)(.*)", "/api/v1", ["/api/v1", "", ""] },
        { "/api(/.*)?", "/api", ["/api", null] },
        { "/api(/.*)?", "/api/", ["/api/", "/"] },
        { "/([^/]+)/([^/]+)(/.*)?", "/a/b/c/d", ["/a/b/c/d", "a", "b", "/c/d"] },
        { "/(eu|us)/(.*)", "/us/x", ["/us/x", "us", "x"] },
        { "(/[^/]+)*", "/a/b", ["/a/b", "/b"] },
        { "(.*)/(.*)", "a/b/c", ["a/b/c", "a/b", "c"] },
        { "(.*?)/(.*)", "a/b/c", ["a/b/c", "a", "b/c"] },
        { "(.*)(\\d+)", "ab12", ["ab12", "ab1", "2"] },
        { "(.*?)(\\d+)", "ab12", ["ab12", "ab", "12"] },
        { @"(\w+)\s(\w+)", "a_1 b2", ["a_1 b2", "a_1", "b2"] },
        { "(?i)(K)(s)", "\u212A\u017F", ["\u212A\u017F", "\u212A", "\u017F"] },
        { "(a)|a", "a", ["a", "a"] },
        { "a|(a)", "a", ["a", null] },
        { "(x)?(?:y|xy)", "xy", ["xy", "x"] },
        { "(?:x|(xy))y?", "xy", ["xy", null] },
    };

    public static TheoryData<string, string, string?[]?> Searches => new()
    {
        { "a", "bab", ["a"] },
        { "a|ab", "ab", ["a"] },
        { "ab|a", "ab", ["ab"] },
        { "b|ab", "ab", ["ab"] },
        { "a*", "baa", [""] },
        { "a+", "baa", ["aa"] },
        { "a+?", "baa", ["a"] },
        { "a*?", "aa", [""] },
        { "a??b", "ab", ["ab"] },
        { "(a)?", "b", ["", null] },
        { "(|a)(b)?", "ab", ["", "", null] },
        { "(a|ab)(bc|c)?", "abc", ["abc", "a", "bc"] },
        { "(/|$)(.*)", "/x\ny", ["/x", "/", "x"] },
        { "[^/]+", "/ab/cd", ["ab"] },
        { ".*", "ab\ncd", ["ab"] },
        { "(?s).*", "ab\ncd", ["ab\ncd"] },
        { "^b", "ab", null },
        { "(?m)^b", "a\nb", ["b"] },
        { "(?m)a$", "a\nb", ["a"] },
        { "a$", "a\nb", null },
        { @"\bfoo\b", "a foo.b", ["foo"] },
        { @"\bfoo\b", "afoo foob", null },
        { @"\Boo", "foo", ["oo"] },
        { "b$", "ab", ["b"] },
        { "$", "ab", [""] },
        { "^", "ab", [""] },
        { "(a+)(b+)", "xaabbb", ["aabbb", "aa", "bbb"] },
        { "(?i)AB", "xaB", ["aB"] },
        { "a.c", "a\nc abc", ["abc"] },
        { ".", "\U0001F600", ["\U0001F600"] },
        { "[^a]", "a\U0001F600", ["\U0001F600"] },
        { @"\x{DE00}", "\U0001F600", null },
        { "/api", "/v1/api/x", ["/api"] },
        { "(/v1)?", "/v2", ["", null] },
        { "(/v1)?", "/v1x", ["/v1", "/v1"] },
        { "x(/.*)?", "axb", ["x", null] },
        { "x(/.*)?", "ax/b", ["x/b", "/b"] },
        { "é", "aéb", ["é"] },
        { "(a|b)*?c", "xabc", ["abc", "b"] },
        { "a{2}", "aaaa", ["aa"] },
        { "a{2,3}", "aaaa", ["aaa"] },
        { "a{2,3}?", "aaaa", ["aa"] },
        { "(\\d+)-(\\d+)", "tel 12-345", ["12-345", "12", "345"] },
    };

    [Theory]
    [MemberData(nameof(FullMatches))]
    public void A_match_of_the_whole_text_has_these_groups(string pattern, string text, string?[]? expected) =>
        Assert.All(Runs.Full(pattern, text), actual => Assert.Equal(expected, actual));

    [Theory]
    [MemberData(nameof(Searches))]
    public void The_first_match_in_a_text_has_these_groups(string pattern, string text, string?[]? expected)
    {
        Assert.All(Runs.Search(pattern, text), actual => Assert.Equal(expected, actual));
        Assert.True(Re2Pattern.TryParse(pattern, out var parsed, out _));
        Assert.Equal(expected is not null, parsed.IsPartialMatch(text));
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("(a)(?:b)(?P<n>c(d))", 3)]
    [InlineData(@"\(a\)[(]\Q(\E", 0)]
    [InlineData("(?i)(?s:a)()", 1)]
    public void Groups_are_counted(string pattern, int groups)
    {
        Assert.True(Re2Pattern.TryParse(pattern, out var parsed, out _));
        Assert.Equal(groups, parsed.CaptureGroups);
    }
}
