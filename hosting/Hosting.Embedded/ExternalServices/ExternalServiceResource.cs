using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A service that is not part of the application but used by it.</summary>
public sealed class ExternalServiceResource : Resource
{
    /// <summary>Creates the resource; <c>AddExternalService</c> does it for an AppHost.</summary>
    /// <param name="name">The name.</param>
    /// <param name="uri">The absolute URL of the service, without query and fragment.</param>
    /// <exception cref="ArgumentException">The URL is not absolute, or has a query or a fragment.</exception>
    public ExternalServiceResource(string name, Uri uri) : base(name)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (FindProblem(uri) is { } problem)
        {
            throw new ArgumentException($"The URL '{uri.OriginalString}' of external service '{name}' {problem}.", nameof(uri));
        }

        Uri = uri;
    }

    /// <summary>Creates the resource; <c>AddExternalService</c> does it for an AppHost.</summary>
    /// <param name="name">The name.</param>
    /// <param name="urlParameter">The parameter that holds the URL.</param>
    public ExternalServiceResource(string name, ParameterResource urlParameter) : base(name)
    {
        ArgumentNullException.ThrowIfNull(urlParameter);
        UrlParameter = urlParameter;
    }

    /// <summary>The URL, unless a parameter holds it.</summary>
    public Uri? Uri { get; }

    /// <summary>The parameter that holds the URL, when one does.</summary>
    public ParameterResource? UrlParameter { get; }

    /// <summary>What is wrong with the URL of a service; <see langword="null" /> when nothing is.</summary>
    internal static string? FindProblem(Uri uri)
    {
        // On Unix a path that begins with a slash counts as an absolute file URI.
        if (!uri.IsAbsoluteUri || uri.OriginalString.StartsWith('/'))
        {
            return "must be absolute";
        }

        return !string.IsNullOrEmpty(uri.Fragment) ? "cannot contain a fragment"
            : !string.IsNullOrEmpty(uri.Query) ? "cannot contain a query string"
            : null;
    }

    /// <summary>Gets the URL, from the parameter if need be.</summary>
    /// <exception cref="DistributedApplicationException">The parameter's value is missing or not a URL.</exception>
    internal async ValueTask<Uri> GetUriAsync(IResource? target, CancellationToken cancellationToken)
    {
        if (UrlParameter is null)
        {
            return Uri!;
        }

        var value = await UrlParameter.GetValueAsync(cancellationToken);
        var problem = Uri.TryCreate(value, UriKind.RelativeOrAbsolute, out var uri) ? FindProblem(uri) : "must be absolute";
        return problem is null
            ? uri!
            : throw new DistributedApplicationException(
                $"The URL parameter '{UrlParameter.Name}' of external service '{Name}' is invalid" +
                $"{(target is null ? "" : $" for resource '{target.Name}'")}: it {problem}.");
    }
}
