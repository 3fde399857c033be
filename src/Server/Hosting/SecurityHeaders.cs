using Microsoft.Extensions.Primitives;

namespace ControlPlane.Server.Hosting;

/// <summary>Sets the headers that keep a browser from taking an answer for anything but data.</summary>
internal static class SecurityHeaders
{
    private static readonly KeyValuePair<string, StringValues>[] all =
    [
        new("X-Content-Type-Options", "nosniff"),
        new("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        new("Referrer-Policy", "no-referrer"),
        new("Cache-Control", "no-store"),
    ];

    public static void Set(IHeaderDictionary headers)
    {
        foreach (var (name, value) in all) headers[name] = value;
    }
}
