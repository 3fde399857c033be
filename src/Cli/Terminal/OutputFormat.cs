namespace ControlPlane.Cli.Terminal;

/// <summary>The forms a result can be printed in.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For people with a wide window.</summary>
    Wide,

    /// <summary>The server's own fields.</summary>
    Json,

    /// <summary>The server's own fields, easier to read.</summary>
    Yaml,

    /// <summary>The columns of the wide table.</summary>
    Csv,

    /// <summary>Only the names, one a line.</summary>
    Name,

    /// <summary>For a comment on a pull request or a wiki; commands that review or report only.</summary>
    Markdown,

    /// <summary>For what shows test results; commands that test only.</summary>
    Junit,

    /// <summary>For what shows findings at lines of files; commands that review only.</summary>
    Sarif,

    /// <summary>A page to print, with charts; the capacity report only.</summary>
    Html,
}
