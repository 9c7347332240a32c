namespace Gateway.Ingress;

/// <summary>What the door does with a request.</summary>
internal enum IngressAction
{
    /// <summary>Answer with a status and nginx's page for it.</summary>
    Answer,

    /// <summary>Answer 301; <see cref="IngressDecision.Target"/> is the location's path with its query.</summary>
    Redirect,

    /// <summary>Answer as the health check.</summary>
    Health,

    /// <summary>Forward to the location's service.</summary>
    Forward,
}

/// <summary>A decision for one host and request target; holds for as long as the configuration does.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Status">The status of an answer.</param>
/// <param name="Location">The location, when one was found.</param>
/// <param name="Target">The request target for the upstream, or the path to redirect to.</param>
internal sealed record IngressDecision(IngressAction Action, int Status, Location? Location, string Target)
{
    /// <summary>Answers with a status.</summary>
    public static IngressDecision Answer(int status, Location? location = null) => new(IngressAction.Answer, status, location, "");
}
