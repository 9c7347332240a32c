using Aspire.Hosting.Orchestration.Health;

namespace Hosting.Embedded.Tests.Orchestration.Health;

public sealed class ProbeGateTests
{
    // + a success, - a failure; T true, F false, . no verdict yet.
    [Theory]
    [InlineData(2, 1, "+", "T")]
    [InlineData(2, 1, "-", ".")]
    [InlineData(2, 1, "--", ".F")]
    [InlineData(2, 1, "-+", ".T")]
    [InlineData(2, 1, "+-+-+", "TTTTT")]
    [InlineData(2, 1, "+--", "TTF")]
    [InlineData(2, 1, "+---+", "TTFFT")]
    [InlineData(3, 2, "+-++", "...T")]
    [InlineData(3, 2, "++--+---", ".TTTTTTF")]
    [InlineData(3, 2, "---+-++", "..FFFFT")]
    [InlineData(1, 1, "-+-", "FTF")]
    public void Thresholds_count_in_a_row(int failureThreshold, int successThreshold, string outcomes, string verdicts)
    {
        var gate = new ProbeGate(failureThreshold, successThreshold);
        var seen = "";
        foreach (var outcome in outcomes)
        {
            var before = gate.Passes;
            Assert.Equal(gate.Record(outcome == '+'), before != gate.Passes);
            seen += gate.Passes switch { true => 'T', false => 'F', null => '.' };
        }

        Assert.Equal(verdicts, seen);
    }
}
