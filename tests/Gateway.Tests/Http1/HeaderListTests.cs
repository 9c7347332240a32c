using Gateway.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Tests.Http1;

/// <summary>The list of headers behaves as ASP.NET Core's dictionary of headers does.</summary>
public sealed class HeaderListTests
{
    [Fact]
    public void It_behaves_as_a_dictionary_of_headers()
    {
        var random = new Random(42);
        var expected = new HeaderDictionary();
        var actual = new HeaderList(isResponse: true);
        for (var i = 0; i < 10_000; i++)
        {
            var name = $"{(random.Next(2) == 0 ? "X" : "x")}-{random.Next(25)}";
            var value = random.Next(3) == 0 ? StringValues.Empty : new StringValues(["a", $"{i}"]);
            switch (random.Next(5))
            {
                case 0:
                    (expected[name], actual[name]) = (value, value);
                    break;
                case 1:
                    Assert.Equal(expected.Remove(name), actual.Remove(name));
                    break;
                case 2:
                    expected.Append(name, "b");
                    actual.Join(new HeaderLine(name, "b"));
                    break;
                case 3:
                    Assert.Equal(expected.TryGetValue(name, out var one), actual.TryGetValue(name, out var other));
                    Assert.Equal(one, other);
                    break;
                default:
                    (expected.ContentLength, actual.ContentLength) = (i % 7 == 0 ? null : i, i % 7 == 0 ? null : i);
                    Assert.Equal(expected.ContentLength, actual.ContentLength);
                    break;
            }

            Assert.Equal(expected.Count, actual.Count);
        }

        Assert.Equal(Texts(expected), Texts(actual));
        Assert.Equal(expected.Keys.Order(StringComparer.OrdinalIgnoreCase), actual.Keys.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(expected.Count, actual.Values.Count);
    }

    private static IEnumerable<string> Texts(IHeaderDictionary headers) =>
        headers.Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}").Order(StringComparer.Ordinal);

    [Fact]
    public void A_name_is_added_once()
    {
        var headers = new HeaderList(isResponse: false) { { "a", "1" } };
        Assert.Throws<ArgumentException>(() => headers.Add("A", "2"));
        Assert.Equal("1", headers["A"]);
    }

    [Theory]
    [InlineData("x-a", "b\r\nc: d")]
    [InlineData("x-a", "b\0")]
    [InlineData("x a", "b")]
    [InlineData("x-a:", "b")]
    [InlineData("", "b")]
    public void A_response_takes_only_what_can_be_sent(string name, string value)
    {
        var headers = new HeaderList(isResponse: true);
        Assert.Throws<InvalidOperationException>(() => headers[name] = value);
        Assert.Empty(headers);
    }

    [Fact]
    public void A_response_that_was_sent_has_no_other_headers_any_more()
    {
        var headers = new HeaderList(isResponse: true) { ["a"] = "1" };
        headers.Seal();
        Assert.Throws<InvalidOperationException>(() => headers["b"] = "2");
        Assert.Throws<InvalidOperationException>(() => headers.Remove("a"));
        Assert.Throws<InvalidOperationException>(headers.Clear);
        headers.Reset();
        headers["b"] = "2";
        Assert.Equal("b", Assert.Single(headers).Key);
    }

    [Fact]
    public void One_enumeration_within_another_is_another_one()
    {
        var headers = new HeaderList(isResponse: false) { ["a"] = "1", ["b"] = "2" };
        var pairs = headers.SelectMany(outer => headers.Select(inner => outer.Key + inner.Key));
        Assert.Equal(["aa", "ab", "ba", "bb"], pairs);
        Assert.Equal(["aa", "ab", "ba", "bb"], pairs);
    }
}
