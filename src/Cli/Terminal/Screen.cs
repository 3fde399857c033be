using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ControlPlane.Cli.Terminal;

/// <summary>
/// The two streams a command writes to: results to standard output, progress and errors to standard error. Colour is
/// used on a terminal only, and not at all when it is declined.
/// </summary>
internal sealed class Screen : IDisposable
{
    // Wide enough that nothing is wrapped or cut when a program reads the output.
    private const int UnlimitedColumns = 100_000;

    private readonly StreamWriter output;

    public Screen(bool declinesColour)
    {
        output = new StreamWriter(OpenOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 15);
        var declined = declinesColour
            || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
            || Environment.GetEnvironmentVariable("TERM") == "dumb";
        HasColour = !declined && !Console.IsOutputRedirected;
    }

    public bool HasColour { get; }

    /// <summary>Where results go as plain text.</summary>
    public TextWriter Out => output;

    /// <summary>Whether somebody watches the progress of a command.</summary>
    public static bool IsWatched => !Console.IsErrorRedirected;

    /// <summary>Says something about the way to the result.</summary>
    public static void Note(string text) => Console.Error.WriteLine(VisibleText.Of(text));

    /// <summary>Prints one line of a result.</summary>
    public void Line(string text) => output.WriteLine(VisibleText.Of(text));

    /// <summary>Prints a table or a line with colours.</summary>
    public void Render(IRenderable content)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = HasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = WidthColumns();
        console.Write(content);
        // The padding of the last column is of no use to anyone.
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n')) output.WriteLine(line.TrimEnd());
    }

    public void Flush() => output.Flush();

    public void Dispose() => output.Dispose();

    private static int WidthColumns()
    {
        if (Console.IsOutputRedirected) return UnlimitedColumns;
        var columns = Console.WindowWidth;
        return columns > 0 ? columns : UnlimitedColumns;
    }

    // The console's own stream hides that a reader such as head has gone away, and a long export would run on for
    // nobody; a plain file stream says so. On a seekable file it would write over what others append, so only there
    // the console's stream is right.
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();
        var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false);
        try
        {
            var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.OpenStandardOutput() : stream;
        }
        catch (Exception closed) when (closed is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return Stream.Null;
        }
    }
}
