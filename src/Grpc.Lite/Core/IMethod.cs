namespace Grpc.Core;

/// <summary>A method of a service, whatever its messages.</summary>
public interface IMethod
{
    /// <summary>Which side is a stream.</summary>
    MethodType Type { get; }

    /// <summary>The service's name with its package.</summary>
    string ServiceName { get; }

    /// <summary>The method's own name.</summary>
    string Name { get; }

    /// <summary>The path of the method: <c>/package.Service/Method</c>.</summary>
    string FullName { get; }
}
