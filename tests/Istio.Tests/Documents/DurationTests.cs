using Istio.Documents;

namespace Istio.Tests.Documents;

public class DurationTests
{
    [Theory]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0.25s", 250)]
    [InlineData(".5s", 500)]
    [InlineData("100ms", 100)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m0.5s", 60_500)]
    [InlineData("2000us", 2)]
    [InlineData("2000\u00b5s", 2)]
    [InlineData("1000000ns", 1)]
    [InlineData("-1.5s", -1_500)]
    [InlineData("+1s", 1_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void A_spelling_is_a_length_of_time(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), new Duration(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5d")]
    [InlineData("1.2.3s")]
    [InlineData(".s")]
    [InlineData("--1s")]
    [InlineData("1e3s")]
    [InlineData("10000000h")]
    [InlineData("99999999999999999999999999999999s")]
    public void A_spelling_that_is_none_has_no_value_and_is_kept(string text)
    {
        Assert.False(new Duration(text).IsValid);
        Assert.Null(new Duration(text).Value);
        Assert.Equal(text, new Duration(text).ToString());
    }

    [Theory]
    [InlineData(20_000_000, "2s")]
    [InlineData(15_000_000, "1500ms")]
    [InlineData(36_000_000_000, "3600s")]
    [InlineData(15_000, "1500us")]
    [InlineData(1, "100ns")]
    [InlineData(0, "0s")]
    [InlineData(-10_000, "-1ms")]
    public void A_length_of_time_is_spelled_without_fractions(long ticks, string text)
    {
        Duration duration = TimeSpan.FromTicks(ticks);

        Assert.Equal(text, duration.Text);
        Assert.Equal(TimeSpan.FromTicks(ticks), duration.Value);
    }
}
