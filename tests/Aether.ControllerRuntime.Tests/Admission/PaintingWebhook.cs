using Aether.ControllerRuntime.Admission;
using Aether.ControllerRuntime.Tests.Widgets;

namespace Aether.ControllerRuntime.Tests.Admission;

/// <summary>Paints new widgets blue, refuses mauve ones, keeps the color of those that exist.</summary>
internal sealed class PaintingWebhook : MutationWebhook<Widget>
{
    public override MutationResult<Widget> Create(Widget entity, bool dryRun)
    {
        switch (entity.Spec.Color)
        {
            case "mauve":
                return Fail("mauve is out of stock", 422);
            case "as it is":
                return NoChanges("it fades");
            case "as JSON":
                var document = Request.NewObject!.DeepClone().AsObject();
                document["spec"]!["color"] = "blue";
                return Modified(document);
            default:
                entity.Spec.Color = "blue";
                return Modified(entity, $"rehearsal: {dryRun}");
        }
    }

    public override MutationResult<Widget> Update(Widget oldEntity, Widget newEntity, bool dryRun)
    {
        newEntity.Spec.Color = oldEntity.Spec.Color;
        return Modified(newEntity);
    }
}
