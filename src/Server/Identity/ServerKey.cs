using System.Security.Cryptography;
using ControlPlane.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// The key of this server, made at its first start and kept in a file that only its user can read. It signs what the
/// server itself vouches for: credentials of sites, heads of the ledger, and tokens of the local issuer.
/// </summary>
internal sealed class ServerKey : IDisposable
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    private readonly ECDsa key;

    private ServerKey(ECDsa key)
    {
        this.key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Id = IdOf(PublicKey);
        Security = new ECDsaSecurityKey(key) { KeyId = Id };
    }

    /// <summary>Names the key: a digest of its public half.</summary>
    public string Id { get; }

    public byte[] PublicKey { get; }

    public ECDsaSecurityKey Security { get; }

    /// <summary>Loads the key of a data directory, or makes one.</summary>
    public static ServerKey LoadOrCreate(string dataDirectory)
    {
        var folder = Path.Combine(dataDirectory, "identity");
        var path = Path.Combine(folder, "server-key.pem");
        try
        {
            Directory.CreateDirectory(folder, OwnerReads | UnixFileMode.UserExecute);
            if (!File.Exists(path))
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                WriteSecret(path, made.ExportPkcs8PrivateKeyPem());
            }

            if ((File.GetUnixFileMode(path) & OthersRead) != 0)
                throw new StartRefusedException(
                    ExitCode.Conflict,
                    $"{path} can be read by others; give it mode 0600, or remove it to have a new one");
            var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(path));
            return new ServerKey(key);
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            throw new StartRefusedException(ExitCode.InvalidInput, $"{path} holds no key: {broken.Message}", broken);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(ExitCode.Conflict, $"{path} cannot be used: {broken.Message}", broken);
        }
    }

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static void WriteSecret(string path, string text)
    {
        var draft = $"{path}.new";
        File.Delete(draft);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerReads,
        };
        using (var writer = new StreamWriter(draft, options)) writer.Write(text);
        File.Move(draft, path, overwrite: true);
    }

    public static string IdOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 8));

    /// <summary>Signs bytes with SHA-256; the signature is r and s, 32 bytes each.</summary>
    public byte[] Sign(byte[] bytes) => key.SignData(bytes, HashAlgorithmName.SHA256);

    public void Dispose() => key.Dispose();
}
