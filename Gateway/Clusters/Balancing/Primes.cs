namespace Gateway.Clusters.Balancing;

/// <summary>Prime numbers: a Maglev table must have a prime size, or a host's walk through it misses slots.</summary>
internal static class Primes
{
    /// <summary>True for a prime.</summary>
    public static bool IsPrime(ulong number)
    {
        if (number < 4)
        {
            return number > 1;
        }

        for (ulong divisor = 2; divisor <= number / divisor; divisor++)
        {
            if (number % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }
}
