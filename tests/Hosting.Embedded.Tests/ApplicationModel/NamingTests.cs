using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.ApplicationModel;

public class NamingTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("ping-v2")]
    [InlineData("Ping2")]
    public void A_name_of_letters_digits_and_single_hyphens_is_taken(string name) =>
        Assert.Equal(name, TestModel.Run().AddResource(new CustomResource(name)).Resource.Name);

    [Theory]
    [InlineData("1ping", "must start with an ASCII letter")]
    [InlineData("-ping", "must start with an ASCII letter")]
    [InlineData("ping-", "cannot end with a hyphen")]
    [InlineData("ping--pong", "cannot contain consecutive hyphens")]
    [InlineData("ping_pong", "must contain only ASCII letters, digits, and hyphens")]
    [InlineData("pïng", "must contain only ASCII letters, digits, and hyphens")]
    [InlineData("p2345678901234567890123456789012345678901234567890123456789012345", "must be between 1 and 64 characters long")]
    public void A_name_that_breaks_a_rule_is_refused(string name, string rule)
    {
        var exception = Assert.Throws<ArgumentException>(() => TestModel.Run().AddResource(new CustomResource(name)));
        Assert.Equal($"Resource name '{name}' is invalid. Name {rule}. (Parameter 'name')", exception.Message);
    }

    [Fact]
    public void A_resource_may_be_excepted_from_the_rules()
    {
        var resource = new CustomResource("ping_pong");
        resource.Annotations.Add(NameValidationPolicyAnnotation.None);
        Assert.Same(resource, TestModel.Run().AddResource(resource).Resource);
    }

    [Fact]
    public void A_second_resource_of_the_same_name_is_refused_whatever_the_case()
    {
        var builder = TestModel.Run();
        builder.AddResource(new CustomResource("ping"));
        var exception = Assert.Throws<DistributedApplicationException>(() => builder.AddParameter("Ping"));
        Assert.Equal(
            "A ParameterResource cannot be added as 'Ping': the name is taken by the CustomResource 'ping' (case does not matter); " +
            "give one of the two another name.",
            exception.Message);
    }

    [Fact]
    public void An_endpoint_name_follows_the_same_rules()
    {
        var exception = Assert.Throws<ArgumentException>(() => TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint(name: "my_http"));
        Assert.Equal(
            "Endpoint name 'my_http' is invalid. Name must contain only ASCII letters, digits, and hyphens. (Parameter " +
                "'name')", exception.Message);
    }
}
