using System.Globalization;
using System.Xml.Linq;

namespace ZfsEsx.Help;

/// <summary>The help file PowerShell reads: one command element per cmdlet.</summary>
internal static class Maml
{
    private static readonly XNamespace s_root = "http://msh";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly string[] s_whatIf = ["Shows every change that would be made and makes none."];
    private static readonly string[] s_confirm = ["Asks before every change."];

    public static XDocument File(IEnumerable<(CmdletInfo Cmdlet, Page Page)> pages) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(
            s_root + "helpItems", new XAttribute("schema", "maml"), pages.Select(p => Command(p.Cmdlet, p.Page))));

    private static XElement Command(CmdletInfo cmdlet, Page page)
    {
        Binding none = new(Binding.AllSets, false, null, false, false);
        (ParameterInfo Parameter, IReadOnlyList<string> Text)[] parameters =
        [
            .. cmdlet.Parameters.Select(p => (p, page.Parameters.GetValueOrDefault(p.Name) ?? [])),
            .. Common(cmdlet, none),
        ];
        return new XElement(
            s_command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", s_maml),
            new XAttribute(XNamespace.Xmlns + "command", s_command),
            new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XElement(
                s_command + "details",
                new XElement(s_command + "name", cmdlet.Name),
                new XElement(s_command + "verb", cmdlet.Verb),
                new XElement(s_command + "noun", cmdlet.Noun),
                Paragraphs("description", [page.Synopsis])),
            Paragraphs("description", page.Description),
            new XElement(s_command + "syntax", cmdlet.Sets.Select(set => Syntax(cmdlet, set, parameters))),
            new XElement(
                s_command + "parameters",
                parameters.Select(p => Parameter(p.Parameter, p.Parameter.Bindings[0], p.Text))),
            new XElement(s_command + "inputTypes", cmdlet.Parameters.Where(p => p.Bindings.Any(b => b.FromPipeline))
                .Select(p => TypeElement("inputType", p.TypeName))),
            new XElement(
                s_command + "returnValues", cmdlet.Outputs.Select(t => TypeElement("returnValue", t.FullName!))),
            new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", page.Notes.Select(Paragraph))),
            new XElement(s_command + "examples", page.Examples.Select(Example)),
            new XElement(s_maml + "relatedLinks", page.Related.Select(r => new XElement(
                s_maml + "navigationLink", new XElement(s_maml + "linkText", r), new XElement(s_maml + "uri")))));
    }

    private static IEnumerable<(ParameterInfo, IReadOnlyList<string>)> Common(CmdletInfo cmdlet, Binding binding)
    {
        if (!cmdlet.ShouldProcess)
        {
            return [];
        }

        return
        [
            (new ParameterInfo("WhatIf", typeof(SwitchParameter), [binding], ["wi"], false, null), s_whatIf),
            (new ParameterInfo("Confirm", typeof(SwitchParameter), [binding], ["cf"], false, null), s_confirm),
        ];
    }

    private static XElement Syntax(
        CmdletInfo cmdlet, string set, (ParameterInfo Parameter, IReadOnlyList<string> Text)[] parameters) => new(
        s_command + "syntaxItem",
        new XElement(s_maml + "name", cmdlet.Name),
        parameters.Select(p => (p.Parameter, p.Text, Binding: p.Parameter.In(set)))
            .Where(p => p.Binding is not null)
            .OrderBy(p => p.Binding!.Position ?? int.MaxValue)
            .ThenByDescending(p => p.Binding!.Mandatory)
            .Select(p => Parameter(p.Parameter, p.Binding!, p.Text)));

    private static XElement Parameter(ParameterInfo parameter, Binding binding, IReadOnlyList<string> text) => new(
        s_command + "parameter",
        new XAttribute("required", Lower(binding.Mandatory)),
        new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
        new XAttribute("globbing", Lower(parameter.Wildcards)),
        new XAttribute("pipelineInput", binding.Pipeline),
        new XAttribute(
            "position", binding.Position is int p ? (p + 1).ToString(CultureInfo.InvariantCulture) : "named"),
        new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
        new XElement(s_maml + "name", parameter.Name),
        Paragraphs("description", text),
        parameter.Switch
            ? null
            : new XElement(
                s_command + "parameterValue",
                new XAttribute("required", "true"),
                new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
                parameter.TypeName),
        new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.TypeName), new XElement(s_maml + "uri")),
        new XElement(s_dev + "defaultValue", parameter.Default ?? (parameter.Switch ? "False" : "None")));

    private static XElement Example(Example example, int index) => new(
        s_command + "example",
        new XElement(
            s_maml + "title", "Example " + (index + 1).ToString(CultureInfo.InvariantCulture) + ": " + example.Title),
        new XElement(s_dev + "code", example.Code),
        new XElement(s_dev + "remarks", example.Remarks.Select(Paragraph)));

    private static XElement TypeElement(string element, string name) => new(
        s_command + element, new XElement(s_dev + "type", new XElement(s_maml + "name", name)));

    private static XElement Paragraphs(string element, IReadOnlyList<string> paragraphs) =>
        new(s_maml + element, paragraphs.Select(Paragraph));

    private static XElement Paragraph(string text) => new(s_maml + "para", text);

    private static string Lower(bool value) => value ? "true" : "false";

    /// <summary>Stands for PowerShell's switch in the syntax of the common parameters.</summary>
    private struct SwitchParameter;
}
