using Aspire.Hosting.ApplicationModel;
using Spectre.Console;

namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>The table that a terminal shows while the run comes up.</summary>
internal static class LiveTable
{
    /// <summary>Shows the table until the run is settled or the events end.</summary>
    public static Task ShowAsync(RunView view, IAsyncEnumerator<ResourceEvent> events) =>
        AnsiConsole.Live(Render(view)).AutoClear(false).StartAsync(async context =>
        {
            while (!view.IsSettled && await events.MoveNextAsync())
            {
                if (view.Apply(events.Current) is not null)
                {
                    context.UpdateTarget(Render(view));
                    context.Refresh();
                }
            }
        });

    private static Table Render(RunView view)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumns("Name", "State", "Detail");
        foreach (var row in view.Rows)
        {
            var color = row.Severity switch { Severity.Good => "green", Severity.Bad => "red", _ => "yellow" };
            var detail = row.LastLines.Count == 0 ? row.Detail : $"{row.Detail}\n  | {string.Join("\n  | ", row.LastLines)}";
            table.AddRow(row.Name.EscapeMarkup(), $"[{color}]{row.State.EscapeMarkup()}[/]", detail.EscapeMarkup());
        }

        return table;
    }
}
