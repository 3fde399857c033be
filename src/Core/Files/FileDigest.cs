using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Files;

/// <summary>
/// Names a set of files by their content: SHA-256 over the sorted paths and texts, each behind its length.
/// </summary>
public static class FileDigest
{
    /// <summary>The digest in hexadecimal.</summary>
    public static string Of(IReadOnlyCollection<SourceFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            foreach (var part in new[] { file.Path, file.Text })
            {
                var bytes = Encoding.UTF8.GetBytes(part);
                BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
