using System.Text;
using Gateway.Parity;
using Istio.Documents;

namespace Conformance.Parity;

/// <summary>Writes docs/parity.md.</summary>
internal static class ParityPage
{
    private const string Beginning = """
        # Parity

        A cluster executes every field of these resources. This page says what becomes of each on a laptop:

        - **executed**: the Gateway does what Envoy (or ingress-nginx) does. A case of `tests/Conformance` has another outcome when the
          field is taken out of its documents; where that cannot show it (certificates, logs), a test of `tests/Gateway.Tests` does.
        - **validated only**: its value and what it refers to are checked, and it is published; the Gateway does not act on it.
        - **published only**: it is kept as it is and published.

        A field that is not executed stands for all that is in it. The page is written from the tables in `Gateway/Parity` (`ACCEPT=1`
        with the tests of `tests/Conformance`), and these are checked against the C# types of the resources, so that no field is missing.

        ## What no laptop can show


        """;

    public static string Write()
    {
        var text = new StringBuilder(Beginning.ReplaceLineEndings("\n"));
        foreach (var limit in ParityTable.Limits)
        {
            text.Append($"- {limit.Text}{(limit.Codes.Length == 0 ? "" : $" (findings: {string.Join(", ", limit.Codes)})")}.\n");
        }

        var shown = new HashSet<Type>();
        foreach (var (title, type) in ResourceFields.Roots)
        {
            text.Append($"\n## {title}\n");
            foreach (var message in ResourceFields.Of(type, shown))
            {
                Write(message, text);
            }

            if (type == typeof(k8s.Models.V1Ingress))
            {
                text.Append("\n### Annotations\n\n| Field | | |\n|---|---|---|\n");
                text.Append(string.Concat(KubernetesParity.Annotations.Select(name => $"| `{name}` | executed | |\n")));
                text.Append("| any other of `nginx.ingress.kubernetes.io/` | published only | a finding says so (GWY005) |\n");
            }
        }

        return text.ToString();
    }

    private static void Write(ShownMessage message, StringBuilder text)
    {
        var name = message.Parity.Type.Name;
        text.Append($"\n### {(name.StartsWith("V1", StringComparison.Ordinal) ? name[2..] : name)}\n\n| Field | | |\n|---|---|---|\n");
        foreach (var field in message.Fields)
        {
            var (execution, reason) = message.Parity.Of(field);
            text.Append($"| `{field}` | {Word(execution)} | {reason} |\n");
        }
    }

    private static string Word(Execution execution) => execution switch
    {
        Execution.Executed => "executed",
        Execution.Validated => "validated only",
        _ => "published only",
    };
}
