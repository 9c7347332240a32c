using Istio.Documents;
using Istio.Extensions;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a WasmPlugin and a TrafficExtension.
/// Source: https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
/// </summary>
internal static class ExtensionRules
{
    private const int ChecksumLength = 64;

    private static readonly string[] Schemes = ["http", "https", "file", "oci"];

    public static void Check(Place at, WasmPlugin plugin)
    {
        var (place, spec) = (at["spec"], plugin.Spec);
        PolicyTargetRules.Check(place, spec.Selector, spec.TargetRef, spec.TargetRefs);
        CheckModule(place, new WasmConfig
        {
            Url = spec.Url,
            Sha256 = spec.Sha256,
            ImagePullSecret = spec.ImagePullSecret,
            PluginName = spec.PluginName,
            VmConfig = spec.VmConfig,
        });
        CheckMatch(place["match"], spec.Match);
    }

    public static void Check(Place at, TrafficExtension extension)
    {
        var (place, spec) = (at["spec"], extension.Spec);
        PolicyTargetRules.Check(place, spec.Selector, null, spec.TargetRefs);
        if (spec.Wasm is null == spec.Lua is null)
        {
            place.Reject(spec.Wasm is null
                ? "The extension has no code; add wasm or lua."
                : "wasm and lua exclude each other; use an extension for each.");
        }

        if (spec.Wasm is { } wasm)
        {
            CheckModule(place["wasm"], wasm);
        }

        if (spec.Lua is { } lua)
        {
            SharedRules.Required(place["lua"], "inlineCode", !string.IsNullOrEmpty(lua.InlineCode), "write the Lua code.");
        }

        CheckMatch(place["match"], spec.Match);
    }

    private static void CheckModule(Place at, WasmConfig module)
    {
        if (string.IsNullOrEmpty(module.Url))
        {
            at["url"].Reject("url is missing; say where the module is, such as oci://registry/image:tag.");
        }
        else if (!IsLocation(module.Url))
        {
            at["url"].Reject($"\"{module.Url}\" is not the address of a module; write an oci, file, http or https URL.");
        }

        if (module.Sha256 is { Length: > 0 } checksum
            && (checksum.Length != ChecksumLength || !checksum.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f')))
        {
            at["sha256"].Reject($"\"{checksum}\" is not a SHA-256 checksum; write {ChecksumLength} hexadecimal digits in lower case.");
        }

        foreach (var (name, value) in new[] { ("imagePullSecret", module.ImagePullSecret), ("pluginName", module.PluginName) })
        {
            at[name].Reject(value is "" ? "The name is empty; write it, or remove the field." : null);
        }

        CheckEnvironment(at["vmConfig"]["env"], module.VmConfig?.Env ?? default);
    }

    /// <summary>A URL, or an image without scheme (<c>ghcr.io/org/module:1.0</c>).</summary>
    private static bool IsLocation(string url) =>
        url.Contains("://", StringComparison.Ordinal)
            ? Uri.TryCreate(url, UriKind.Absolute, out var parsed) && Schemes.Contains(parsed.Scheme)
            : Uri.TryCreate("http://" + url, UriKind.Absolute, out _);

    private static void CheckEnvironment(Place at, EquatableArray<EnvVar> variables)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variables.Count; i++)
        {
            var variable = variables[i];
            SharedRules.Required(at[i], "name", !string.IsNullOrEmpty(variable.Name), "every variable has one.");
            if (variable.Name is { Length: > 0 } name && !names.Add(name))
            {
                at[i]["name"].Reject($"Two variables have the name \"{name}\"; remove one.");
            }

            if (variable is { ValueFrom: EnvValueSource.Host, Value: not null })
            {
                at[i]["value"].Reject("With valueFrom HOST the proxy's environment gives the value; remove value, or use INLINE.");
            }
        }
    }

    private static void CheckMatch(Place at, EquatableArray<TrafficSelector> selectors)
    {
        for (var i = 0; i < selectors.Count; i++)
        {
            var numbers = new HashSet<long>();
            for (var j = 0; j < selectors[i].Ports.Count; j++)
            {
                var place = at[i]["ports"][j]["number"];
                if (selectors[i].Ports[j].Number is not { } number)
                {
                    place.Reject("number is missing; write a port, or remove the entry.");
                }
                else if (!numbers.Add(number))
                {
                    place.Reject($"Port {number} is named twice; keep one.");
                }
            }
        }
    }
}
