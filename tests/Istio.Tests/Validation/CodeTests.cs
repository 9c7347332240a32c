using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>The table of codes, from which Gateway.Tests, which knows the gateway's own codes too, writes docs/validation.md.</summary>
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
