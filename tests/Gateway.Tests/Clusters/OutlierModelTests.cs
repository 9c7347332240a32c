using FsCheck;
using FsCheck.Fluent;
using Gateway.Clusters;
using Gateway.Clusters.Outliers;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

/// <summary>Random histories: outlier detection against a model that says Envoy's machine in the plainest words.</summary>
public sealed class OutlierModelTests
{
    private const int Hosts = 4;

    /// <summary>One step: an answer of a host (code 0: it cannot be connected to), or, with host -1, seconds that pass.</summary>
    private readonly record struct Step(int Host, int Value);

    private static readonly int[] Codes = [200, 500, 503, 503, 503, 504, 0, 0];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, from host in Gen.Choose(0, Hosts - 1) from code in Gen.Elements(Codes) select new Step(host, code)),
        (1, from seconds in Gen.Choose(1, 25) select new Step(-1, seconds)));

    private static readonly Gen<OutlierSettings> Settings =
        from consecutive in Gen.Choose(0, 4)
        from gateway in Gen.Choose(0, 3)
        from percent in Gen.Elements(10, 25, 50, 75, 100)
        from split in Gen.Elements(true, false)
        from baseTime in Gen.Elements(5, 12, 200)
        select new OutlierSettings
        {
            Consecutive5xx = (uint)consecutive,
            ConsecutiveGatewayErrors = (uint)gateway,
            ConsecutiveLocalOriginFailures = 2,
            MaxEjectionPercent = (uint)percent,
            SplitLocalOrigin = split,
            BaseEjectionTime = TimeSpan.FromSeconds(baseTime),
        };

    [Fact]
    public void Every_history_ends_as_Envoys_machine_says() =>
        Prop.ForAll(Settings.ToArbitrary(), Steps.ArrayOf(80).ToArbitrary(), Agrees).QuickCheckThrowOnFailure();

    private static bool Agrees(OutlierSettings settings, Step[] steps)
    {
        var time = new FakeTimeProvider();
        using var cluster = Create(Equal(Hosts), outliers: settings, time: time);
        var model = new Model(settings);
        foreach (var step in steps)
        {
            if (step.Host < 0)
            {
                for (var second = 0; second < step.Value; second++)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    model.Second();
                }
            }
            else
            {
                cluster.Report(cluster.Hosts[step.Host], step.Value == 0 ? UpstreamOutcome.ConnectFailure : Response(step.Value));
                model.Report(step.Host, step.Value);
            }

            var ejected = cluster.Hosts.Select(host => host.IsEjected).ToArray();
            if (!ejected.SequenceEqual(model.Hosts.Select(host => host.Out)) || cluster.EjectedCount != ejected.Count(isOut => isOut)
                || cluster.EjectedCount * 100 > settings.MaxEjectionPercent * Hosts)
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Model(OutlierSettings settings)
    {
        private int _now;

        public Host[] Hosts { get; } = [.. Enumerable.Range(0, OutlierModelTests.Hosts).Select(_ => new Host())];

        public void Report(int index, int code)
        {
            var host = Hosts[index];
            if (code == 0 && settings.SplitLocalOrigin)
            {
                if (++host.Local == settings.ConsecutiveLocalOriginFailures && Detect(host))
                {
                    host.Local = 0;
                }

                return;
            }

            if (code != 0)
            {
                host.Local = 0;
            }

            code = code == 0 ? 503 : code;
            if (code < 500)
            {
                (host.Errors, host.Gateway) = (0, 0);
                return;
            }

            if (code == 500)
            {
                host.Gateway = 0;
            }
            else if (++host.Gateway == settings.ConsecutiveGatewayErrors && Detect(host))
            {
                host.Gateway = 0;
            }

            if (++host.Errors == settings.Consecutive5xx && Detect(host))
            {
                host.Errors = 0;
            }
        }

        public void Second()
        {
            if (++_now % 10 != 0)
            {
                return;
            }

            foreach (var host in Hosts.Where(host => host.Out && Math.Min(host.Backoff * Base, Math.Max(300, Base)) <= _now - host.Since))
            {
                (host.Out, host.Errors, host.Gateway, host.Local, host.Back) = (false, 0, 0, 0, _now);
            }

            foreach (var host in Hosts.Where(host => !host.Out && host.Back is { } back && _now - back >= 10 && host.Backoff > 0))
            {
                host.Backoff--;
            }
        }

        private int Base => (int)settings.BaseEjectionTime.TotalSeconds;

        /// <summary>False when the host is out already, which leaves the counter alone.</summary>
        private bool Detect(Host host)
        {
            if (host.Out)
            {
                return false;
            }

            if (100.0 * (Hosts.Count(other => other.Out) + 1) / Hosts.Length <= settings.MaxEjectionPercent)
            {
                (host.Out, host.Since) = (true, _now);
                host.Backoff += host.Backoff * Base < Math.Max(300, Base) + Base ? 1 : 0;
            }

            return true;
        }

        public sealed class Host
        {
            public bool Out { get; set; }

            public int Errors { get; set; }

            public int Gateway { get; set; }

            public int Local { get; set; }

            public int Backoff { get; set; }

            public int Since { get; set; }

            public int? Back { get; set; }
        }
    }
}
