using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>The table of codes, from which docs/validation.md is written (see Gateway.Tests, where the gateway's own codes are known too).</summary>
public class CodeTests
{
    [Fact]
    public void Codes_are_unique_and_explained()
    {
        Assert.Equal(ValidationCodes.All.Length, ValidationCodes.All.Select(code => code.Code).Distinct().Count());
        Assert.All(ValidationCodes.All, code =>
        {
            Assert.False(string.IsNullOrWhiteSpace(code.Title) || string.IsNullOrWhiteSpace(code.Example), code.Code);
            Assert.EndsWith(".", code.Meaning, StringComparison.Ordinal);
            Assert.EndsWith(".", code.Fix, StringComparison.Ordinal);
        });
    }
}
