using System.CommandLine;
using System.Security.Cryptography;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Policies;

namespace ControlPlane.Cli.Policies;

/// <summary>Approves the policies of a folder with a key, in a file beside them.</summary>
internal static class SignCommand
{
    public static Command Build(GlobalOptions global)
    {
        var folder = new Argument<string>("PATH")
        {
            Description = "Folder that holds policies/; . when left out",
            DefaultValueFactory = _ => ".",
        };
        var key = new Option<string>("--key-file")
        {
            Description =
                "Private key on P-256 in PEM, such as 'openssl ecparam -name prime256v1 -genkey -noout' makes",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("sign", $"Approve the policies of a folder: write {PolicySignature.FilePath}")
        {
            folder, key,
        };
        global.Let(command, (run, _) => Task.FromResult(Sign(run, run.Get(folder)!, run.Get(key)!)));
        return command;
    }

    private static int Sign(CommandRun run, string folder, string keyFile)
    {
        var tree = ReviewTree.Read(folder);
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(InputFile.Read(keyFile).Text);
            if (key.KeySize != 256) throw new CryptographicException($"it has {key.KeySize} bits, 256 are needed");
            var value = key.SignData(
                PolicySignature.Signed(tree.Policies.Digest), HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence);
            var signature = new PolicySignature(
                PolicySignature.NameOf(key.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(value));
            File.WriteAllText(Path.Combine(folder, PolicySignature.FilePath), signature.ToText());
            run.Screen.Line($"SIGNED  {tree.Policies.Digest}  key {signature.KeyId}");
            return ExitCode.Ok;
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            throw CommandFailure.Input("signature", $"{keyFile} is no private key that can be used: {broken.Message}");
        }
    }
}
