using Gateway.Requests;

namespace Gateway.Policies.Authorization;

/// <summary>A condition on a request, compiled. Allocates nothing when it is asked.</summary>
internal delegate bool RequestMatcher(RequestHead request);

/// <summary>Conditions made of conditions.</summary>
internal static class RequestMatchers
{
    /// <summary>Holds for every request.</summary>
    public static readonly RequestMatcher Always = static _ => true;

    /// <summary>Holds for no request.</summary>
    public static readonly RequestMatcher Never = static _ => false;

    /// <summary>Holds when one of them does; never for none.</summary>
    public static RequestMatcher Any(IEnumerable<RequestMatcher> matchers)
    {
        var all = matchers.ToArray();
        return all.Length switch
        {
            0 => Never,
            1 => all[0],
            _ => request =>
            {
                foreach (var matches in all)
                {
                    if (matches(request))
                    {
                        return true;
                    }
                }

                return false;
            }
            ,
        };
    }

    /// <summary>Holds when all of them do; always for none.</summary>
    public static RequestMatcher All(IEnumerable<RequestMatcher> matchers)
    {
        var all = matchers.ToArray();
        return all.Length switch
        {
            0 => Always,
            1 => all[0],
            _ => request =>
            {
                foreach (var matches in all)
                {
                    if (!matches(request))
                    {
                        return false;
                    }
                }

                return true;
            }
            ,
        };
    }

    /// <summary>Holds when the other does not.</summary>
    public static RequestMatcher Not(RequestMatcher matcher) => request => !matcher(request);
}
