using System.Text;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;

namespace ControlPlane.Cli.Files;

/// <summary>Reads one file, or standard input for <c>-</c>, with a bound on its size and strictly as UTF-8.</summary>
internal static class InputFile
{
    /// <summary>Most bytes that a file to be sent may have.</summary>
    private const int LargestBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static SourceFile Read(string path, int mostBytes = LargestBytes)
    {
        if (path.Length == 0) throw CommandFailure.Usage("a file name is empty");
        var name = path == "-" ? "(stdin)" : path;
        var bytes = ReadBytes(path, name, mostBytes);
        try
        {
            return new SourceFile(name, Strict.GetString(bytes).TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException broken)
        {
            throw CommandFailure.Input(
                "encoding", $"{name} is not UTF-8: byte {broken.Index} is no part of a character");
        }
    }

    /// <summary>A file that cannot be read, with the reason as people say it.</summary>
    public static CommandFailure Unreadable(string path, Exception reason)
    {
        var why = reason switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file",
            UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
            UnauthorizedAccessException => "permission denied",
            _ => reason.Message.TrimEnd('.'),
        };
        return CommandFailure.Input("file-unreadable", $"cannot read {path}: {why}");
    }

    private static byte[] ReadBytes(string path, string name, int mostBytes)
    {
        try
        {
            using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            using var content = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > mostBytes)
                    throw CommandFailure.Input(
                        "file-too-large", $"{name} is larger than the limit of {mostBytes} bytes");
            }

            return content.ToArray();
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, reason);
        }
    }
}
