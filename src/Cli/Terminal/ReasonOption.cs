using System.CommandLine;

namespace ControlPlane.Cli.Terminal;

/// <summary>Makes the option by which somebody says why they do what is recorded under their name.</summary>
internal static class ReasonOption
{
    public static Option<string> Build(bool isRequired)
    {
        var because = new Option<string>("--because")
        {
            Description = "Why; it is recorded with who said it",
            HelpName = "TEXT",
            Required = isRequired,
        };
        if (!isRequired) because.DefaultValueFactory = _ => "asked for on the command line";
        return because;
    }
}
