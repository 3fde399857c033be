using System.Globalization;
using System.Xml;

namespace ControlPlane.Cli.Policies;

/// <summary>Writes test outcomes in the form that build servers show, one suite for each file of cases.</summary>
internal static class JunitText
{
    public static string Of(TestFinding finding)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true };
        using (var xml = XmlWriter.Create(text, settings))
        {
            var extra = Extra(finding).ToList();
            xml.WriteStartElement("testsuites");
            Counts(xml, finding.Cases.Outcomes.Count + extra.Count, finding.Cases.FailedCount + extra.Count);
            foreach (var file in finding.Shown.GroupBy(item => item.File))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", file.Key);
                Counts(xml, file.Count(), file.Count(item => !item.Passed));
                foreach (var item in file)
                    Case(xml, (item.Policy.Value, item.Case, item.File, item.Line), item.Passed ? null
                        : string.Join("; ", item.Differences));
                xml.WriteEndElement();
            }

            if (extra.Count > 0)
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", "policies");
                Counts(xml, extra.Count, extra.Count);
                foreach (var (name, at, line, message) in extra) Case(xml, ("policies", name, at, line), message);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return text.ToString();
    }

    /// <summary>What fails beside the cases themselves.</summary>
    private static IEnumerable<(string Name, string File, int Line, string Message)> Extra(TestFinding finding)
    {
        foreach (var policy in finding.Question.RequireTests ? finding.Cases.Untested : [])
        {
            var place = finding.Places.OfPolicy(policy);
            yield return ($"{policy} has a case", place?.File ?? "", place?.Line ?? 0, $"{policy} has no case");
        }

        foreach (var fate in finding.Mutation?.Open ?? [])
        {
            var place = finding.Places.OfPolicy(fate.Policy, fate.Path);
            yield return ($"{fate.Policy}: {fate.Mutant}", place?.File ?? "", place?.Line ?? 0,
                "no case notices this change");
        }

        foreach (var stale in finding.Mutation?.Stale ?? [])
            yield return ($"accepted: {stale.Mutant}", stale.File, stale.Line, "is accepted and is no survivor");
    }

    private static void Counts(XmlWriter xml, int tests, int failures)
    {
        xml.WriteAttributeString("tests", tests.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", failures.ToString(CultureInfo.InvariantCulture));
    }

    private static void Case(XmlWriter xml, (string Class, string Name, string File, int Line) at, string? failure)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", at.Class);
        xml.WriteAttributeString("name", at.Name);
        xml.WriteAttributeString("file", at.File);
        xml.WriteAttributeString("line", at.Line.ToString(CultureInfo.InvariantCulture));
        if (failure is not null)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", failure);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}
