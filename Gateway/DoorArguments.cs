using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Listening;
using Gateway.Registry;
using Istio.Documents;
using Microsoft.AspNetCore.Connections;

namespace Gateway;

/// <summary>The part of the command line that says where to listen.</summary>
internal sealed class DoorArguments
{
    private readonly Option<string?> _urls = new("--urls")
    {
        Description = $"Addresses of the Ingress door, separated by semicolons. Default: ASPNETCORE_URLS, else {DoorOptions.DefaultUrl}.",
        HelpName = "URLS",
    };

    private readonly Option<string[]> _istio = new("--istio-door")
    {
        Description = "Address of the Istio door, with the Gateways' port that it serves before it unless that is 80, or 443 with https: "
            + $"[GATEWAYPORT=]URL. May be given several times. Default: {DoorOptions.DefaultIstioUrl} when a Gateway has a plain server, "
            + $"{DoorOptions.DefaultIstioTlsUrl} when one has a server with TLS.",
        HelpName = "[GATEWAYPORT=]URL",
    };

    private readonly Option<string[]> _services = new("--service")
    {
        Description = "A service's port and the address at which it is called, as by a sidecar: NAME[.NAMESPACE]:PORT=URL. May be given "
            + "several times.",
        HelpName = "NAME[.NAMESPACE]:PORT=URL",
    };

    private readonly Option<string?> _admin = new("--admin")
    {
        Description = $"Loopback address of the administration; \"none\" for none. Default: {DoorOptions.DefaultAdminUrl}, if it is free.",
        HelpName = "URL",
    };

    private readonly Option<AccessLogMode> _accessLog = new("--access-log")
    {
        Description = "Access log on the standard output, in Istio's format: text, json or none. Default: none, as in Istio; a Telemetry "
            + "resource may say otherwise.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_urls);
        command.Options.Add(_istio);
        command.Options.Add(_services);
        command.Options.Add(_admin);
        command.Options.Add(_accessLog);
    }

    /// <summary>Reads the options.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="error">What is wrong with them.</param>
    public bool TryRead(ParseResult result, [NotNullWhen(true)] out DoorOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        var urls = Split(result.GetValue(_urls));
        error = urls.Where(url => !IsListenable(url, "http"))
            .Select(url => $"--urls {url}: an address such as http://127.0.0.1:9081 is expected; the Ingress door speaks plain HTTP.").FirstOrDefault();
        var doors = ImmutableArray.CreateBuilder<IstioDoorAddress>();
        foreach (var text in result.GetValue(_istio) ?? [])
        {
            error ??= ReadDoor(text, doors);
        }

        var services = ImmutableArray.CreateBuilder<ServiceAddress>();
        foreach (var text in result.GetValue(_services) ?? [])
        {
            error ??= ReadService(text, services);
        }

        var admin = result.GetValue(_admin) ?? FreeAdminUrl();
        if (error is null && admin != "none" && !(IsListenable(admin, "http") && IsLoopback(admin)))
        {
            error = $"--admin {admin}: a loopback address such as {DoorOptions.DefaultAdminUrl} is expected, or none.";
        }

        if (error is not null)
        {
            return false;
        }

        options = new DoorOptions
        {
            Urls = [.. urls],
            IstioDoors = doors.ToImmutable(),
            Services = services.ToImmutable(),
            Admin = admin == "none" ? null : admin,
            AccessLog = result.GetValue(_accessLog),
        };
        return true;
    }

    private static string? ReadDoor(string text, ImmutableArray<IstioDoorAddress>.Builder doors)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        int? port = int.TryParse(text.AsSpan(0, Math.Max(equals, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var url = text[(equals + 1)..];
        if ((equals >= 0 && port is null) || !(IsListenable(url, "http") || IsListenable(url, "https")))
        {
            return $"--istio-door {text}: an address such as {DoorOptions.DefaultIstioUrl} is expected, or with a port of the Gateways "
                + "before it, such as 8080=http://localhost:8081.";
        }

        doors.Add(new IstioDoorAddress(port, url));
        return null;
    }

    private static string? ReadService(string text, ImmutableArray<ServiceAddress>.Builder services)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = text.AsSpan(0, Math.Max(equals, 0));
        var colon = name.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || !IsListenable(text[(equals + 1)..], "http"))
        {
            return $"--service {text}: a service, its port and an address are expected, such as ping:8080=http://127.0.0.1:9001.";
        }

        services.Add(new ServiceAddress(FullName(name[..colon].ToString()), port, text[(equals + 1)..]));
        return null;
    }

    /// <summary><c>ping</c>, <c>ping.shop</c>, or a full name.</summary>
    private static string FullName(string name) => name.Split('.') switch
    {
        [var service] => ServiceHosts.FullName(service, ResourceDocument.DefaultNamespace),
        [var service, var space] => ServiceHosts.FullName(service, space),
        _ => name,
    };

    private static string[] Split(string? urls) =>
        urls?.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static bool IsListenable(string address, string scheme)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.Scheme == scheme && parsed is { PathBase.Length: 0, Port: >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsLoopback(string address) =>
        BindingAddress.Parse(address).Host is var host && (host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    /// <summary>Two gateways on one machine are no error: the second goes without the administration that nobody asked for.</summary>
    private static string FreeAdminUrl()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, BindingAddress.Parse(DoorOptions.DefaultAdminUrl).Port));
            return DoorOptions.DefaultAdminUrl;
        }
        catch (SocketException)
        {
            return "none";
        }
    }
}
