package main

import (
	"context"
	"reflect"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/storage/names"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// strategy holds the rules of a kind; onStatus those of its /status.
type strategy struct {
	runtime.ObjectTyper
	names.NameGenerator
	builtin
	onStatus bool
}

func (s strategy) NamespaceScoped() bool                                     { return !s.cluster }
func (s strategy) AllowCreateOnUpdate() bool                                 { return s.kind == "Lease" || s.kind == "Event" }
func (s strategy) AllowUnconditionalUpdate() bool                            { return true }
func (s strategy) Canonicalize(runtime.Object)                               {}
func (s strategy) WarningsOnCreate(context.Context, runtime.Object) []string { return nil }
func (s strategy) WarningsOnUpdate(context.Context, runtime.Object, runtime.Object) []string {
	return nil
}

func (s strategy) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	reset := fieldpath.NewSet()
	if s.onStatus {
		reset.Insert(fieldpath.MakePathOrDie("spec"))
	} else if s.status {
		reset.Insert(fieldpath.MakePathOrDie("status"))
	}
	return map[fieldpath.APIVersion]*fieldpath.Set{fieldpath.APIVersion(s.gv.String()): reset}
}

// part is the named Go field of an object: Spec, Status, ...
func part(o runtime.Object, name string) reflect.Value {
	return reflect.ValueOf(o).Elem().FieldByName(name)
}

func (s strategy) PrepareForCreate(_ context.Context, o runtime.Object) {
	if s.status && s.kind != "Node" { // a kubelet registers its node together with the status
		part(o, "Status").SetZero()
	}
	if s.counted != "" {
		o.(metav1.Object).SetGeneration(1)
	}
	switch o := o.(type) {
	case *corev1.Namespace:
		o.Status.Phase = corev1.NamespaceActive
		o.Labels = labels.Merge(o.Labels, labels.Set{corev1.LabelMetadataName: o.Name})
		o.Finalizers = append(o.Finalizers, contentFinalizer)
	case *corev1.Pod:
		o.Status.Phase = corev1.PodPending
	case *corev1.PersistentVolumeClaim:
		o.Status.Phase = corev1.ClaimPending
	}
	mergeStringData(o)
}

func (s strategy) PrepareForUpdate(_ context.Context, o, old runtime.Object) {
	if s.onStatus { // everything but the status stays, except what the registry itself keeps or checks in metadata
		kept, m := old.DeepCopyObject(), o.(metav1.Object)
		part(kept, "Status").Set(part(o, "Status"))
		kept.(metav1.Object).SetResourceVersion(m.GetResourceVersion())
		kept.(metav1.Object).SetManagedFields(m.GetManagedFields())
		kept.(metav1.Object).SetUID(m.GetUID()) // or a status would land on another object of the name
		reflect.ValueOf(o).Elem().Set(reflect.ValueOf(kept).Elem())
		return
	}
	if s.status {
		part(o, "Status").Set(part(old.DeepCopyObject(), "Status"))
	}
	mergeStringData(o)
	if s.counted != "" && !apiequality.Semantic.DeepEqual(part(o, s.counted).Interface(), part(old, s.counted).Interface()) {
		o.(metav1.Object).SetGeneration(o.(metav1.Object).GetGeneration() + 1)
	}
	if ns, ok := o.(*corev1.Namespace); ok {
		ns.Labels = labels.Merge(ns.Labels, labels.Set{corev1.LabelMetadataName: ns.Name})
		if ns.DeletionTimestamp == nil && !slices.Contains(ns.Finalizers, contentFinalizer) {
			ns.Finalizers = append(ns.Finalizers, contentFinalizer)
		}
	}
}

func mergeStringData(o runtime.Object) {
	if secret, ok := o.(*corev1.Secret); ok && len(secret.StringData) > 0 {
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		for k, v := range secret.StringData {
			secret.Data[k] = []byte(v)
		}
		secret.StringData = nil
	}
}

// Validate covers what an operator gets wrong most easily; the rest of the built-in validation
// lives in Kubernetes proper. Metadata in general is checked by the registry.
func (s strategy) Validate(_ context.Context, o runtime.Object) (errs field.ErrorList) {
	check, name := s.name, o.(metav1.Object).GetName()
	if check == nil {
		check = validation.NameIsDNSSubdomain
	}
	for _, message := range check(name, false) {
		errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), name, message))
	}
	return append(errs, s.validatePods(o)...)
}

func (s strategy) ValidateUpdate(_ context.Context, o, old runtime.Object) (errs field.ErrorList) {
	fixed := func(now, before any, at ...string) {
		if !apiequality.Semantic.DeepEqual(now, before) {
			errs = append(errs, field.Invalid(field.NewPath(at[0], at[1:]...), now, "field is immutable"))
		}
	}
	switch before := old.(type) {
	case *corev1.Secret:
		fixed(o.(*corev1.Secret).Type, before.Type, "type")
		if before.Immutable != nil && *before.Immutable {
			fixed(o.(*corev1.Secret).Data, before.Data, "data")
		}
	case *corev1.ConfigMap:
		if before.Immutable != nil && *before.Immutable {
			fixed(o.(*corev1.ConfigMap).Data, before.Data, "data")
		}
	case *corev1.Pod:
		errs = append(errs, validatePodUpdate(o.(*corev1.Pod).Spec, before.Spec)...)
	case *rbacv1.RoleBinding:
		fixed(o.(*rbacv1.RoleBinding).RoleRef, before.RoleRef, "roleRef")
	case *rbacv1.ClusterRoleBinding:
		fixed(o.(*rbacv1.ClusterRoleBinding).RoleRef, before.RoleRef, "roleRef")
	case *batchv1.Job:
		fixed(o.(*batchv1.Job).Spec.Template, before.Spec.Template, "spec", "template")
	}
	if s.gv == apps {
		fixed(part(o, "Spec").FieldByName("Selector").Interface(), part(old, "Spec").FieldByName("Selector").Interface(), "spec", "selector")
	}
	return append(errs, s.validatePods(o)...)
}
