using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>Changes of request and response headers, on a route or on one of its destinations.</summary>
internal static class HeaderRules
{
    public static void Check(Place at, Headers? headers)
    {
        if (headers?.Request is { } request)
        {
            CheckOperations(at["request"], request, HttpHeaders.CheckRequestChange);
        }

        if (headers?.Response is { } response)
        {
            CheckOperations(at["response"], response, HttpHeaders.CheckChange);
        }
    }

    private static void CheckOperations(Place at, HeaderOperations operations, Func<string, string?> checkName)
    {
        CheckValues(at["set"], operations.Set, checkName);
        CheckValues(at["add"], operations.Add, checkName);
        for (var i = 0; i < operations.Remove.Count; i++)
        {
            at["remove"][i].Reject(HttpHeaders.CheckChange(operations.Remove[i]));
        }
    }

    private static void CheckValues(Place at, EquatableDictionary<string> headers, Func<string, string?> checkName)
    {
        foreach (var (name, value) in headers)
        {
            at[name].Reject(checkName(name));
            at[name].Reject(HttpHeaders.CheckValue(value));
        }
    }
}
