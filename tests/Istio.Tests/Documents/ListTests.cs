using Istio.Documents;
using Istio.Networking;

namespace Istio.Tests.Documents;

public class ListTests
{
    [Fact]
    public void The_items_of_a_list_are_documents_with_their_own_positions()
    {
        var set = ResourceReader.ReadText("""
            apiVersion: v1
            kind: List
            items:
            - apiVersion: networking.istio.io/v1
              kind: VirtualService
              metadata: {name: a}
              spec:
                hosts: [a]
            - apiVersion: v1
              kind: List
              items:
              - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
            """, "a.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal([("VirtualService", 4), ("ConfigMap", 12)], set.Documents.Select(document => (document.Kind, document.Location.Line)));
        Assert.Equal(8, set.Documents[0].Locate("spec.hosts[0]").Line);
    }

    [Fact]
    public void The_items_of_a_typed_list_may_leave_out_what_the_list_says()
    {
        var set = ResourceReader.ReadText("""
            apiVersion: networking.istio.io/v1beta1
            kind: VirtualServiceList
            metadata: {resourceVersion: "1"}
            items:
            - metadata: {name: a}
              spec: {hosts: [a]}
            - apiVersion: networking.istio.io/v1
              kind: VirtualService
              metadata: {name: b}
            """, "a.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal(["networking.istio.io/v1beta1", "networking.istio.io/v1"], set.OfType<VirtualService>().Select(found => found.Resource.ApiVersion));
        Assert.Equal("apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata:\n  name: a\nspec:\n  hosts:\n  - a\n", ResourceWriter.Write(set.Documents[0]));
    }

    [Fact]
    public void A_kind_that_only_ends_like_a_list_is_a_resource()
    {
        var set = ResourceReader.ReadText("apiVersion: a/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n", "a.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal("AllowList", Assert.Single(set.Documents).Kind);
    }

    [Fact]
    public void Configuration_of_tools_needs_no_name()
    {
        var set = ResourceReader.ReadText("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {profile: demo}\n", "a.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal(("IstioOperator", ""), (set.Documents[0].Kind, set.Documents[0].Name));
    }
}
