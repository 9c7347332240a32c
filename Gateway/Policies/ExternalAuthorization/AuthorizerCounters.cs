namespace Gateway.Policies.ExternalAuthorization;

/// <summary>What has become of the requests at one proxy that an authorizer may be asked about: Envoy's statistics <c>ext_authz</c>.</summary>
/// <remarks>https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter#statistics</remarks>
internal sealed class AuthorizerCounters
{
    private long _allowed;
    private long _denied;
    private long _failed;
    private long _failureModeAllowed;
    private long _disabled;

    /// <summary><c>ok</c>: allowed by the authorizer.</summary>
    public long Allowed => Volatile.Read(ref _allowed);

    /// <summary><c>denied</c>: denied by the authorizer.</summary>
    public long Denied => Volatile.Read(ref _denied);

    /// <summary><c>error</c>: the authorizer could not be asked, or failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary><c>failure_mode_allowed</c>: of those, the ones that were allowed all the same.</summary>
    public long FailureModeAllowed => Volatile.Read(ref _failureModeAllowed);

    /// <summary><c>disabled</c>: covered by no policy, so that nobody was asked.</summary>
    public long Disabled => Volatile.Read(ref _disabled);

    /// <summary>Counts a verdict.</summary>
    public void Count(CheckStatus status)
    {
        switch (status)
        {
            case CheckStatus.Allowed:
                Interlocked.Increment(ref _allowed);
                break;
            case CheckStatus.Denied:
                Interlocked.Increment(ref _denied);
                break;
            default:
                Interlocked.Increment(ref _failed);
                break;
        }
    }

    /// <summary>Counts a request that was allowed though the authorizer had failed.</summary>
    public void CountFailureModeAllowed() => Interlocked.Increment(ref _failureModeAllowed);

    /// <summary>Counts a request that no policy covers.</summary>
    public void CountDisabled() => Interlocked.Increment(ref _disabled);
}
