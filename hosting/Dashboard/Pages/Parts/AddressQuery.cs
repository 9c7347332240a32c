using Microsoft.JSInterop;

namespace Dashboard.Pages.Parts;

/// <summary>
/// Keeps what a reader chooses on a page in its address. The browser does it, where the address is: by the time the server's word arrives,
/// the reader may have made another choice or have gone to another page, and neither is to be undone.
/// </summary>
internal static class AddressQuery
{
    /// <summary>Sets a parameter of the page's address.</summary>
    /// <param name="script">The browser.</param>
    /// <param name="page">The path of the page, such as <c>/traces</c>; on any other one nothing happens.</param>
    /// <param name="name">The parameter.</param>
    /// <param name="value">Its value; null or empty for none.</param>
    /// <param name="isStep">Whether the browser's way back leads to what was chosen before.</param>
    public static async Task ChooseAsync(this IJSRuntime script, string page, string name, string? value, bool isStep = false)
    {
        try
        {
            await script.InvokeVoidAsync("dashboard.choose", Timeout.InfiniteTimeSpan, page, name, value ?? "", isStep);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser has gone.
        }
    }
}
