using System.Reflection;

namespace ZfsEsx.Help;

/// <summary>How a parameter behaves in one parameter set.</summary>
internal sealed record Binding(string Set, bool Mandatory, int? Position, bool FromPipeline, bool FromPropertyName)
{
    public const string AllSets = "__AllParameterSets";

    public string Pipeline => (FromPipeline, FromPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}

internal sealed record ParameterInfo(
    string Name,
    Type Type,
    IReadOnlyList<Binding> Bindings,
    IReadOnlyList<string> Aliases,
    bool Wildcards,
    string? Default)
{
    public bool Switch => Type.Name == "SwitchParameter";

    /// <summary>The type as PowerShell shows it: the simple name, with [] for arrays and without Nullable.</summary>
    public string TypeName => (Nullable.GetUnderlyingType(Type) ?? Type).Name;

    public Binding? In(string set) =>
        Bindings.FirstOrDefault(b => b.Set == set) ?? Bindings.FirstOrDefault(b => b.Set == Binding.AllSets);
}

/// <summary>A cmdlet as its attributes describe it.</summary>
internal sealed record CmdletInfo(
    string Verb,
    string Noun,
    Type Type,
    bool ShouldProcess,
    string? DefaultSet,
    IReadOnlyList<ParameterInfo> Parameters,
    IReadOnlyList<Type> Outputs)
{
    public string Name => Verb + "-" + Noun;

    public IReadOnlyList<string> Sets
    {
        get
        {
            // The default set may be what has none of the other sets' parameters.
            string[] sets = [.. Parameters
                .SelectMany(p => p.Bindings).Select(b => b.Set).Append(DefaultSet ?? Binding.AllSets)
                .Where(s => s != Binding.AllSets).Distinct().OrderByDescending(s => s == DefaultSet)];
            return sets.Length == 0 ? [Binding.AllSets] : sets;
        }
    }

    /// <summary>All public cmdlets of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletInfo> Load(string assemblyPath)
    {
        Assembly assembly = Assembly.LoadFrom(Path.GetFullPath(assemblyPath));
        return
        [
            .. assembly.GetExportedTypes().Where(t => !t.IsAbstract)
                .Select(Read).OfType<CmdletInfo>().OrderBy(c => c.Name, StringComparer.Ordinal),
        ];
    }

    private static CmdletInfo? Read(Type type)
    {
        CustomAttributeData? cmdlet = Attributes(type, "CmdletAttribute").FirstOrDefault();
        return cmdlet is null
            ? null
            : new CmdletInfo(
                (string)cmdlet.ConstructorArguments[0].Value!,
                (string)cmdlet.ConstructorArguments[1].Value!,
                type,
                Named(cmdlet, "SupportsShouldProcess") is true,
                Named(cmdlet, "DefaultParameterSetName") as string,
                [.. type.GetProperties().Select(Parameter).OfType<ParameterInfo>()],
                [.. Attributes(type, "OutputTypeAttribute").SelectMany(OutputTypes)]);
    }

    private static ParameterInfo? Parameter(PropertyInfo property)
    {
        Binding[] bindings = [.. Attributes(property, "ParameterAttribute").Select(a => new Binding(
            Named(a, "ParameterSetName") as string ?? Binding.AllSets,
            Named(a, "Mandatory") is true,
            Named(a, "Position") as int?,
            Named(a, "ValueFromPipeline") is true,
            Named(a, "ValueFromPipelineByPropertyName") is true))];
        return bindings.Length == 0
            ? null
            : new ParameterInfo(
                property.Name,
                property.PropertyType,
                bindings,
                [.. Attributes(property, "AliasAttribute").SelectMany(a => Texts(a.ConstructorArguments[0]))],
                Attributes(property, "SupportsWildcardsAttribute").Any(),
                Attributes(property, "PSDefaultValueAttribute")
                    .Select(a => Named(a, "Help") as string).FirstOrDefault());
    }

    private static IEnumerable<Type> OutputTypes(CustomAttributeData attribute) =>
        attribute.ConstructorArguments.SelectMany(a => a.Value switch
        {
            Type one => [one],
            IReadOnlyCollection<CustomAttributeTypedArgument> many => many.Select(m => m.Value).OfType<Type>(),
            _ => [],
        });

    private static IEnumerable<string> Texts(CustomAttributeTypedArgument argument) =>
        argument.Value is IReadOnlyCollection<CustomAttributeTypedArgument> many
            ? many.Select(m => (string)m.Value!)
            : [(string)argument.Value!];

    private static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name)
    {
        // CustomAttributeData does not look at base types, whose properties are parameters too.
        return member.CustomAttributes.Where(a => a.AttributeType.Name == name);
    }

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).FirstOrDefault();
}
