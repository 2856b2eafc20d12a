namespace MotionGateway.LocalMotion.Faults;

/// <summary>A way in which the local Motion Server misbehaves on demand.</summary>
public sealed class FaultBehaviour
{
    private readonly string _text;
    private readonly FaultPoint[] _mainPoints;

    private FaultBehaviour(
        string name, string parameterName, string[] parameters, FaultPoint[] points, FaultPoint[] mainPoints, string text,
        Func<string, FaultPoint, FaultOutcome> outcome, Func<string, FaultPoint, FaultPlan> plan)
    {
        _text = text;
        _mainPoints = mainPoints;
        Name = name;
        ParameterName = parameterName;
        Parameters = parameters;
        Points = points;
        AllFaults = [.. parameters.SelectMany(parameter => points.Select(point => new Fault(this, parameter, point, outcome(parameter, point), plan(parameter, point))))];
    }

    /// <summary>Its part of its faults' names, such as <c>server-error</c>.</summary>
    public string Name { get; }

    /// <summary>What the parameter is, such as <c>code</c>; empty when there is none.</summary>
    public string ParameterName { get; }

    /// <summary>What the parameter may be; one empty one when there is none.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Where it can strike.</summary>
    public IReadOnlyList<FaultPoint> Points { get; }

    /// <summary>How its names are built, such as <c>fault-server-error-{code}@{point}</c>.</summary>
    public string Pattern =>
        $"{FaultCatalog.Prefix}{Name}{(ParameterName.Length == 0 ? "" : $"-{{{ParameterName}}}")}{(Points.Count == 1 ? "" : "@{point}")}";

    /// <summary>What happens, in one line, with the parameter's name in braces.</summary>
    public string Description => Describe($"{{{ParameterName}}}");

    /// <summary>
    /// Those that show all of it: each parameter where that matters, and each point. Other parameters and points go together as well.
    /// </summary>
    public IEnumerable<Fault> Faults => AllFaults.Where(fault => _mainPoints.Contains(fault.Point) || fault.Parameter == Parameters[0]);

    /// <summary>Each parameter at each point.</summary>
    internal IReadOnlyList<Fault> AllFaults { get; }

    /// <summary>A behaviour without a choice.</summary>
    internal static FaultBehaviour Of(string name, string text, FaultPoint point, FaultOutcome outcome, FaultPlan plan) =>
        new(name, "", [""], [point], [point], text, (_, _) => outcome, (_, _) => plan);

    /// <summary>A behaviour that has variants, at one point.</summary>
    internal static FaultBehaviour Of(
        string name, string parameterName, string[] parameters, string text, FaultPoint point, Func<string, FaultOutcome> outcome, Func<string, FaultPlan> plan) =>
        new(name, parameterName, parameters, [point], [point], text, (parameter, _) => outcome(parameter), (parameter, _) => plan(parameter));

    /// <summary>A behaviour that has variants and strikes at several points.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parameterName">What the parameter is; empty without one.</param>
    /// <param name="parameters">What it may be.</param>
    /// <param name="text">What happens; <c>{0}</c> stands for the parameter.</param>
    /// <param name="points">Where it can strike.</param>
    /// <param name="mainPoints">Where every parameter means something of its own.</param>
    /// <param name="outcome">What becomes of it.</param>
    /// <param name="plan">What it does.</param>
    internal static FaultBehaviour Of(
        string name, string parameterName, string[] parameters, string text, FaultPoint[] points, FaultPoint[] mainPoints,
        Func<string, FaultPoint, FaultOutcome> outcome, Func<string, FaultPoint, FaultPlan> plan) =>
        new(name, parameterName, parameters, points, mainPoints, text, outcome, plan);

    internal string Describe(string parameter) => _text.Replace("{0}", parameter, StringComparison.Ordinal);
}
