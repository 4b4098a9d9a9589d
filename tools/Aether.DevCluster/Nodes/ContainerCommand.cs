using Aether.TestServers.Processes;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Turns a container into a process: image, command, args, working folder and environment. The container's security
/// context and limits are not enforced, because there is no container runtime.
/// </summary>
internal sealed class ContainerCommand(PodContext context)
{
    /// <summary>The container's own process.</summary>
    /// <exception cref="NotYetException">
    /// The image, or an object that the environment refers to, is missing.
    /// </exception>
    public ProcessSpec Main(V1Container container)
    {
        var image = FindImage(container);
        var paths = context.Volumes.PathsOf(container);
        var environment = Environment(container, image, paths);
        var command = container.Command is { Count: > 0 }
            ? Resolve(container.Command, environment, paths)
            : image.Entrypoint;
        return Spec(container, [.. command, .. Resolve(container.Args ?? [], environment, paths)], environment, "");
    }

    /// <summary>A command that runs beside the container's process, as for an exec probe.</summary>
    public ProcessSpec Exec(V1Container container, IList<string> command, string purpose)
    {
        var paths = context.Volumes.PathsOf(container);
        var environment = Environment(container, FindImage(container), paths);
        return Spec(container, Resolve(command, environment, paths), environment, "." + purpose);
    }

    private Image FindImage(V1Container container) =>
        context.Options.Images.Find(container.Image) ?? throw new NotYetException(
            NotYetException.ImageMissing, $"image \"{container.Image}\" is not in this node's image table");

    private IReadOnlyDictionary<string, string> Environment(V1Container container, Image image, PathMap paths) =>
        new EnvironmentBuilder(context.Pod, context.Address, context.Objects).Build(container, image, paths);

    private static IReadOnlyList<string> Resolve(
        IList<string> texts, IReadOnlyDictionary<string, string> environment, PathMap paths) =>
        [.. texts.Select(text => VariableReferences.Expand(paths.Rewrite(text), environment))];

    // A session of its own, so that all processes that it starts can be ended with it, as in a container.
    private ProcessSpec Spec(
        V1Container container,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        string suffix) => new()
        {
            Name = context.LogName(container.Name) + suffix,
            FileName = Binary.Find("setsid", "util-linux"),
            Arguments = command,
            WorkingDirectory = container.WorkingDir is { Length: > 0 } folder
                ? context.Volumes.PathsOf(container).Rewrite(folder)
                : "/",
            LogDirectory = context.Folder.Logs,
            Environment = environment,
            InheritEnvironment = false,
        };
}
