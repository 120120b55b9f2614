namespace ZfsEsx.Vim;

/// <summary>Which properties of which objects to read in one call.</summary>
internal sealed class PropertyQuery
{
    private readonly List<Arg> _properties = [];
    private readonly List<Arg> _objects = [];

    /// <summary>The properties wanted of every object of a type. Never ask for a whole object.</summary>
    public PropertyQuery Read(string type, params string[] paths)
    {
        _properties.Add(Arg.O("propSet", paths.Select(p => Arg.E("pathSet", p)).Prepend(Arg.E("type", type))));
        return this;
    }

    /// <summary>Known objects, and from each of them the objects that the steps lead to.</summary>
    public PropertyQuery From(IEnumerable<MoRef> objects, params Arg[] steps)
    {
        _objects.AddRange(objects.Distinct().Select(
            o => Arg.O("objectSet", steps.Prepend(Arg.E("skip", false)).Prepend(Arg.E("obj", o)))));
        return this;
    }

    /// <summary>All objects of a view.</summary>
    public PropertyQuery FromView(MoRef view)
    {
        _objects.Add(Arg.O("objectSet", Arg.E("obj", view), Arg.E("skip", true), Step("ContainerView", "view")));
        return this;
    }

    /// <summary>
    /// A step from objects of a type along one of their reference properties, and the steps after it.
    /// </summary>
    public static Arg Step(string type, string path, params Arg[] next) => Arg.T(
        "selectSet", "TraversalSpec",
        new Arg?[] { Arg.E("type", type), Arg.E("path", path), Arg.E("skip", false) }.Concat(next).ToArray());

    /// <summary>The fields of a PropertyFilterSpec.</summary>
    internal Arg ToArg(string name) => Arg.O(name, _properties.Concat(_objects));
}
