using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>Which texts a pattern matches from end to end: RE2's language, topic by topic.</summary>
public class FullMatchTests
{
    public static TheoryData<string, string[], string[]> Literals => new()
    {
        { "", [""], ["a", "\n"] },
        { "a", ["a"], ["", "A", "aa", "b"] },
        { "/api/v1", ["/api/v1"], ["/api/v1/", "/api/v", "/API/v1", " /api/v1"] },
        { @"\.", ["."], ["a", ""] },
        { @"a\.b", ["a.b"], ["axb"] },
        { @"\/api\-v1\_x", ["/api-v1_x"], ["/api-v1x"] },
        { @"\*\+\?\(\)\[\]\{\}\|\^\$\\", [@"*+?()[]{}|^$\"], ["*"] },
        { @"\a\f\t\n\r\v", ["\a\f\t\n\r\v"], ["afnrv"] },
        { @"\x41\x{42}\x{000043}", ["ABC"], ["abc", "x41"] },
        { @"\x{1F600}", ["\U0001F600"], ["\uD83D", "\uDE00", "?"] },
        { @"\x{10FFFF}", ["\U0010FFFF"], ["\uFFFF"] },
        { @"\0\07\101\1011", ["\0\aAA1"], ["0"] },
        { @"\008", ["\0" + "8"], ["\b"] },
        { @"\Q(a|b)*\E", ["(a|b)*"], ["aabb"] },
        { @"\Qa.b", ["a.b"], ["axb"] },
        { @"\Qab\E+", ["ab", "abb"], ["abab"] },
        { @"\Q\E", [""], ["Q"] },
        { @"\Q\\E", [@"\"], ["E"] },
        { "é", ["é"], ["e\u0301", "É"] },
        { "日本", ["日本"], ["日", "本"] },
        { "]", ["]"], ["["] },
        { "}", ["}"], ["{"] },
        { "a{", ["a{"], ["a"] },
        { "a{,5}", ["a{,5}"], ["", "aaa"] },
        { "a{02}", ["a{02}"], ["aa"] },
        { "a{1,2", ["a{1,2"], ["a", "aa"] },
        { "a{ 1}", ["a{ 1}"], ["a"] },
        { "a{-1}", ["a{-1}"], ["a"] },
        { "a{99999999999}", ["a{99999999999}"], ["a"] },
        { "{", ["{"], [""] },
        { "{,2}", ["{,2}"], ["", "{"] },
    };

    public static TheoryData<string, string[], string[]> Repetitions => new()
    {
        { "a*", ["", "a", "aaaa"], ["b", "ab"] },
        { "a+", ["a", "aaaa"], ["", "ab"] },
        { "a?", ["", "a"], ["aa"] },
        { "a*?", ["", "a", "aaaa"], ["b"] },
        { "a+?b", ["ab", "aab"], ["b"] },
        { "a??", ["", "a"], ["aa"] },
        { "a{2}", ["aa"], ["", "a", "aaa"] },
        { "a{2,}", ["aa", "aaaaa"], ["", "a"] },
        { "a{2,3}", ["aa", "aaa"], ["a", "aaaa"] },
        { "a{0}", [""], ["a"] },
        { "a{0}b", ["b"], ["ab"] },
        { "a{0,1}", ["", "a"], ["aa"] },
        { "a{2,3}?", ["aa", "aaa"], ["a", "aaaa"] },
        { "(ab){2}", ["abab"], ["ab", "aabb", "ababab"] },
        { "(?:ab)*", ["", "abab"], ["aba"] },
        { "(?:a{2}){3}", ["aaaaaa"], ["aaaaa", "aaaaaaa"] },
        { "(a*)*", ["", "aaa"], ["b"] },
        { "(|a)*", ["", "a", "aa"], ["b"] },
        { "(a|)+", ["", "aa"], ["b"] },
        { "(?:^)*a", ["a"], [""] },
        { "^*", [""], ["a", "^"] },
        { "$+", [""], ["$"] },
        { @"\b+a", ["a"], ["+a"] },
        { "(?:^){3}a", ["a"], ["^a"] },
        { "(?U)a*", ["", "aaa"], ["b"] },
        { "a(?i)*", ["", "aaa"], ["A"] },
        { "(?:a?){3}", ["", "a", "aa", "aaa"], ["aaaa"] },
        { "a{1000}", [new string('a', 1000)], [new string('a', 999), new string('a', 1001)] },
        { "(?:(?:x{10}){10}){10}", [new string('x', 1000)], [new string('x', 999)] },
    };

    public static TheoryData<string, string[], string[]> Alternations => new()
    {
        { "a|b", ["a", "b"], ["", "ab", "c"] },
        { "a|ab", ["a", "ab"], ["abb"] },
        { "ab|a", ["a", "ab"], ["b"] },
        { "|a", ["", "a"], ["|a"] },
        { "a||b", ["", "a", "b"], ["ab"] },
        { "(|)", [""], ["|"] },
        { "()", [""], ["()"] },
        { "(?:)", [""], ["(?:)"] },
        { "abc|abd|aef", ["abc", "abd", "aef"], ["ab", "abe"] },
        { "(a|b|c|d)*", ["", "abcd", "dcba"], ["e"] },
        { "(eu|us|asia)", ["eu", "us", "asia"], ["e", "euus", "asi"] },
        { "a|b|ab", ["a", "b", "ab"], ["ba"] },
        { "^a|b$", ["a", "b"], ["ab"] },
        { "(?:foo|foobar)(?:bar)?", ["foo", "foobar", "foobarbar"], ["foobarbarbar"] },
    };

    public static TheoryData<string, string[], string[]> Anchors => new()
    {
        { "^a$", ["a"], ["a\n", "\na"] },
        { "a$", ["a"], ["a\n"] },
        { @"\Aa\z", ["a"], ["a\n"] },
        { "$a", [], ["a", "$a"] },
        { "a^", [], ["a", "a^"] },
        { "^$", [""], ["\n"] },
        { "^^a$$", ["a"], ["^a$"] },
        { "(?m)^a$", ["a"], ["a\n"] },
        { "(?m)a$\n^b", ["a\nb"], ["ab", "a\n\nb"] },
        { "(?m)^$\n?", ["", "\n"], ["a"] },
        { "(?m)\\Aa\\n\\Ab", [], ["a\nb"] },
        { "(?m)(?-m)a$\n", [], ["a\n"] },
        { @"\ba\b", ["a"], ["", "\\ba"] },
        { @"a\b", ["a"], [] },
        { @"a\bb", [], ["ab"] },
        { @"a\Bb", ["ab"], ["a b"] },
        { @"a\b-\bb", ["a-b"], ["a--b"] },
        { @"\Ba", [], ["a"] },
        { @"\B", [""], ["a"] },
        { @"\b", [], ["", "a"] },
        { @"a\bé", ["aé"], [] },
        { @"é\bé", [], ["éé"] },
        { @"é\Bé", ["éé"], [] },
        { @"_\b-", ["_-"], [] },
        { @"(?:\b|-)a", ["a", "-a"], ["--a"] },
    };

    public static TheoryData<string, string[], string[]> Dots => new()
    {
        { ".", ["a", "é", "\U0001F600", "\r", "\u2028", "\0"], ["", "\n", "ab"] },
        { "(?s).", ["a", "\n", "\U0001F600"], ["", "ab"] },
        { "(?s:.).", ["\na"], ["a\n"] },
        { ".*", ["", "abc", "\U0001F600"], ["a\n", "\n"] },
        { "(?s).*", ["", "a\nb"], [] },
        { "(?s)a(?-s).", ["ab"], ["a\n"] },
        { "..", ["ab", "\U0001F600a"], ["\U0001F600"] },
        { ".{2}", ["\U0001F600\U0001F600"], ["\U0001F600", "abc"] },
        { "^.$", ["\U0001F600"], ["\U0001F600\n"] },
        { @"[^\n]", ["a", "\U0001F600"], ["\n"] },
        { "[^a]", ["\n", "b", "\U0001F600"], ["a", ""] },
    };

    public static TheoryData<string, string[], string[]> Groups => new()
    {
        { "(?:a)", ["a"], ["(?:a)"] },
        { "(?P<name>a)", ["a"], ["name"] },
        { "(?<name>a)", ["a"], ["name"] },
        { "(?P<_1>a)(?P<é>b)", ["ab"], ["a"] },
        { "((((a))))", ["a"], [""] },
        { "(?i)a", ["a", "A"], ["b"] },
        { "(?i:a)b", ["ab", "Ab"], ["aB"] },
        { "a(?i)b", ["ab", "aB"], ["Ab"] },
        { "(a(?i)b)c", ["abc", "aBc"], ["abC"] },
        { "a(?i)b|c", ["ab", "aB", "c", "C"], ["A"] },
        { "(?i)a(?-i)b", ["ab", "Ab"], ["AB"] },
        { "(?i-s:.a)", ["xA"], ["\na"] },
        { "(?ims)a.$", ["A\n", "ax"], ["a"] },
        { "(?)a", ["a"], ["?a"] },
        { "(?i)(?s)(?m)(?U)a", ["A"], [""] },
    };

    public static TheoryData<string, string[], string[]> Routes => new()
    {
        { "/api/.*", ["/api/", "/api/a/b"], ["/api", "/ap", "/api/a\n"] },
        { "/api(/.*)?", ["/api", "/api/", "/api/x"], ["/apix", "/api\n"] },
        { "/api/v1(/|$)(.*)", ["/api/v1", "/api/v1/", "/api/v1/ping"], ["/api/v1ping", "/api/v", "/api/v1\n"] },
        { "/users/[^/]+/orders", ["/users/1/orders", "/users/é/orders"], ["/users//orders", "/users/1/2/orders"] },
        { @"/v\d+/.*", ["/v1/", "/v22/x"], ["/v/", "/v1", "/v\u0661/"] },
        { "/(eu|us)/.*", ["/eu/", "/us/x"], ["/as/x", "/eu"] },
        { "(?i)/api/.*", ["/API/x", "/api/", "/Api/X"], ["/ap\u0131/"] },
        { @".*\.(png|jpg)", ["a.png", ".jpg", "a.png.jpg"], ["png", "a.gif", "a.png\n"] },
        { ".*/admin/.*", ["/admin/", "x/admin/y"], ["/admin", "admin/"] },
        { "^(.*?;)?(user=jason)(;.*)?$", ["user=jason", "a=b;user=jason;c=d", ";user=jason"], ["user=jasonx", "xuser=jason"] },
        { "[a-z0-9-]+(,[a-z0-9-]+)*", ["a", "a,b-1,c"], ["", "a,", ",a", "A"] },
        { "v[0-9]{1,3}", ["v1", "v123"], ["v", "v1234"] },
        { "(a|b)*c|(a|ab)*c", ["c", "abc", "aabc"], ["ab", "abcc"] },
        { @"https://[a-z]+\.example\.com", ["https://a.example.com"], ["https://axexample.com", "https://.example.com"] },
        { @"\w+@\w+", ["a_1@b"], ["é@b", "a@"] },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    [MemberData(nameof(Repetitions))]
    [MemberData(nameof(Alternations))]
    [MemberData(nameof(Anchors))]
    [MemberData(nameof(Dots))]
    [MemberData(nameof(Groups))]
    [MemberData(nameof(Routes))]
    [MemberData(nameof(ClassTables.Classes), MemberType = typeof(ClassTables))]
    [MemberData(nameof(ClassTables.CaseFolding), MemberType = typeof(ClassTables))]
    [MemberData(nameof(ClassTables.UnicodeClasses), MemberType = typeof(ClassTables))]
    public void A_pattern_matches_the_whole_of_these_texts_and_not_of_those(string pattern, string[] matching, string[] others)
    {
        Assert.True(Re2Pattern.TryParse(pattern, out var parsed, out var error), error?.Message);
        Assert.Equal(pattern, parsed.Pattern);
        Assert.All(matching, text => Assert.True(parsed.IsFullMatch(text), $"{pattern} does not match «{text}»"));
        Assert.All(others, text => Assert.False(parsed.IsFullMatch(text), $"{pattern} matches «{text}»"));
    }
}
