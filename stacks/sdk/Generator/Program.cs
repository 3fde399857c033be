using System.Text;
using ControlPlane.Pulumi.Generator;

if (args is not [var schemaFile, var outputFolder])
{
    Console.Error.WriteLine("usage: generator SCHEMA.json OUTPUT-FOLDER");
    return 2;
}
var schema = Schema.Parse(File.ReadAllText(schemaFile));
Directory.CreateDirectory(outputFolder);
foreach (var (name, text) in ProviderSource.Write(schema))
{
    File.WriteAllText(Path.Combine(outputFolder, name), text, new UTF8Encoding(false));
}
return 0;
