namespace Aspire.Hosting.Pipelines;

/// <summary>Steps, each before those that depend on it: which orders are wrong, and what one step needs. Pure functions.</summary>
internal static class PipelineGraph
{
    /// <summary>Turns what is required by others into dependencies, after checking that every step that is named exists once.</summary>
    /// <exception cref="InvalidOperationException">A name is taken twice, or names no step.</exception>
    public static Dictionary<string, PipelineStep> Connect(IReadOnlyList<PipelineStep> steps)
    {
        var byName = new Dictionary<string, PipelineStep>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (!byName.TryAdd(step.Name, step))
            {
                throw new InvalidOperationException($"Duplicate step name: '{step.Name}'");
            }
        }

        foreach (var step in steps)
        {
            if (step.DependsOnSteps.Find(name => !byName.ContainsKey(name)) is { } unknown)
            {
                throw new InvalidOperationException($"Step '{step.Name}' depends on unknown step '{unknown}'");
            }

            foreach (var name in step.RequiredBySteps)
            {
                if (!byName.TryGetValue(name, out var other))
                {
                    throw new InvalidOperationException($"Step '{step.Name}' is required by unknown step '{name}'");
                }

                if (!other.DependsOnSteps.Contains(step.Name))
                {
                    other.DependsOnSteps.Add(step.Name);
                }
            }
        }

        return byName;
    }

    /// <summary>The step and all it depends on, those it depends on first.</summary>
    /// <exception cref="InvalidOperationException">There is no such step, or steps depend on each other in a circle.</exception>
    public static IReadOnlyList<PipelineStep> Closure(string name, IReadOnlyDictionary<string, PipelineStep> steps)
    {
        if (!steps.ContainsKey(name))
        {
            throw new DistributedApplicationException(
                $"Step '{name}' not found in pipeline. Available steps: {string.Join(", ", steps.Keys.Select(static s => $"'{s}'"))}");
        }

        var ordered = new List<PipelineStep>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        Visit(name);
        return ordered;

        void Visit(string current)
        {
            if (path.IndexOf(current) is >= 0 and var start)
            {
                throw new InvalidOperationException(
                    $"Circular dependency detected in pipeline steps: {string.Join(" → ", path.Skip(start).Append(current))}");
            }

            if (done.Contains(current))
            {
                return;
            }

            path.Add(current);
            foreach (var dependency in steps[current].DependsOnSteps)
            {
                Visit(dependency);
            }

            path.RemoveAt(path.Count - 1);
            done.Add(current);
            ordered.Add(steps[current]);
        }
    }
}
